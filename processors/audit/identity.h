#pragma once
#include "processors/audit/draft.h"
#include "processors/audit/id_names.h"

namespace acta::audit {

/// Writes who did it: user.*, group.*, process.{user,real_user,saved_user,group,real_group,saved_group}.*,
/// auditd.user.*, related.user. What user.* means depends on the record type (Identity of its row). Ids that are unset
/// make no field.
void write_identities(Draft& draft, IdNames& names);

/// Parts of a SELinux context, user:role:type:level[:categories]; empty where it has none.
struct SelinuxContext {
  std::string_view user{}, role{}, domain{}, level{}, category{};
};
/// All empty when the text is no SELinux context (AppArmor's labels, "unconfined").
SelinuxContext parse_selinux_context(std::string_view text);

}  // namespace acta::audit
