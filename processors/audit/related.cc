#include "processors/audit/related.h"

#include "processors/audit/words.h"

namespace acta::audit {

void add_related(Event& out, FieldId list, std::string_view value) {
  if (value.empty()) return;
  bool known = false;
  out.each(list, [&](const Event::Entry& entry) { known = known || same_text(entry.value.text(), value); });
  if (!known) out.add_view(list, value);
}

void set_user(Event& out, FieldId id_field, FieldId name_field, const IdName& user, bool related) {
  if (!user.id.empty()) out.set_view(id_field, user.id);
  if (!user.name.empty()) out.set_view(name_field, user.name);
  if (related) add_related(out, FieldId::kRelatedUser, user.name.empty() ? user.id : user.name);
}

void set_group(Event& out, FieldId id_field, FieldId name_field, const IdName& group) {
  if (!group.id.empty()) out.set_view(id_field, group.id);
  if (!group.name.empty()) out.set_view(name_field, group.name);
}

}  // namespace acta::audit
