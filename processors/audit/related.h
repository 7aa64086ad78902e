#pragma once
#include <string_view>

#include "event/event.h"
#include "processors/audit/id_names.h"

namespace acta::audit {

/// Adds to related.user, related.ip or related.hosts unless it is there or says nothing. Borrows the bytes.
void add_related(Event& out, FieldId list, std::string_view value);

/// Sets the pair of fields of a user or group that are known; the name, or the id without one, goes to related.user
/// when `related`.
void set_user(Event& out, FieldId id_field, FieldId name_field, const IdName& user, bool related = true);
void set_group(Event& out, FieldId id_field, FieldId name_field, const IdName& group);

}  // namespace acta::audit
