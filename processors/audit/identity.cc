#include "processors/audit/identity.h"

#include "processors/audit/related.h"

namespace acta::audit {
namespace {

// Of several fields the first that says something; words for nothing count as nothing even in quotes (PAM writes
// acct="?").
const FieldSlot* first_saying(const Draft& draft, std::initializer_list<Key> keys) {
  for (const Key key : keys) {
    const FieldSlot* slot = draft.primary_slot(key);
    if (slot != nullptr && !slot->absent() && !is_word_for_nothing(slot->text)) return slot;
  }
  return nullptr;
}

// uid= inside msg='…' is the person; the one before it is the program's.
const FieldSlot* message_uid(const Draft& draft) {
  for (const FieldSlot& slot : draft.primary_record().slots) {
    if (slot.key == Key::kUid && slot.field.in_message) return &slot;
  }
  return nullptr;
}

// The account that a user-space record is about, by name or by number.
IdName account(const Draft& draft, IdNames& names) {
  if (const FieldSlot* acct = first_saying(draft, {Key::kAcct})) return names.user_named(acct->text);
  if (const FieldSlot* id = first_saying(draft, {Key::kId})) return names.user(id);
  return names.user(message_uid(draft));
}

// The process's own: inside msg='…' such a field is about someone else (suid= of CRYPTO_KEY_USER is the user who logs
// in).
const FieldSlot* own_slot(const Draft& draft, Key key) {
  const FieldSlot* slot = draft.slot(key);
  return slot == nullptr || slot->field.in_message ? nullptr : slot;
}

void write_process_identities(const Draft& draft, IdNames& names) {
  Event& out = *draft.out;
  set_user(out, FieldId::kProcessRealUserId, FieldId::kProcessRealUserName, names.user(own_slot(draft, Key::kUid)));
  set_user(out, FieldId::kProcessUserId, FieldId::kProcessUserName, names.user(own_slot(draft, Key::kEuid)));
  set_user(out, FieldId::kProcessSavedUserId, FieldId::kProcessSavedUserName, names.user(own_slot(draft, Key::kSuid)));
  set_group(out, FieldId::kProcessRealGroupId, FieldId::kProcessRealGroupName, names.group(own_slot(draft, Key::kGid)));
  set_group(out, FieldId::kProcessGroupId, FieldId::kProcessGroupName, names.group(own_slot(draft, Key::kEgid)));
  set_group(out, FieldId::kProcessSavedGroupId, FieldId::kProcessSavedGroupName,
            names.group(own_slot(draft, Key::kSgid)));
  set_user(out, FieldId::kAuditdUserFilesystemId, FieldId::kAuditdUserFilesystemName,
           names.user(own_slot(draft, Key::kFsuid)));
  set_group(out, FieldId::kAuditdUserFilesystemGroupId, FieldId::kAuditdUserFilesystemGroupName,
            names.group(own_slot(draft, Key::kFsgid)));
}

void write_actor(const Draft& draft, IdNames& names) {
  Event& out = *draft.out;
  set_user(out, FieldId::kUserId, FieldId::kUserName, names.user(draft.primary_slot(Key::kAuid)));
}

void write_program_as_effective(const Draft& draft, IdNames& names) {
  set_user(*draft.out, FieldId::kUserEffectiveId, FieldId::kUserEffectiveName,
           names.user(draft.primary_record().find(Key::kUid)));
}

void write_process_user(const Draft& draft, IdNames& names) {
  Event& out = *draft.out;
  set_user(out, FieldId::kUserId, FieldId::kUserName, names.user(draft.slot(Key::kUid)));
  set_group(out, FieldId::kUserGroupId, FieldId::kUserGroupName, names.group(draft.slot(Key::kGid)));
  set_user(out, FieldId::kUserEffectiveId, FieldId::kUserEffectiveName, names.user(draft.slot(Key::kEuid)));
  set_group(out, FieldId::kUserEffectiveGroupId, FieldId::kUserEffectiveGroupName, names.group(draft.slot(Key::kEgid)));
}

void write_login(const Draft& draft, IdNames& names) {
  Event& out = *draft.out;
  const IdName old_user = names.user(draft.primary_slot(Key::kOldAuid));
  set_user(out, FieldId::kUserId, FieldId::kUserName, old_user);
  set_user(out, FieldId::kAuditdUserOldAuidId, FieldId::kAuditdUserOldAuidName, old_user);
  set_user(out, FieldId::kUserEffectiveId, FieldId::kUserEffectiveName, names.user(draft.primary_slot(Key::kAuid)));
}

IdName group_of(const Draft& draft, IdNames& names) {
  const FieldSlot* named = first_saying(draft, {Key::kGrp, Key::kNewGroup});
  if (named != nullptr) return names.group_named(named->text);
  if (const FieldSlot* id = first_saying(draft, {Key::kId})) return names.group(id);
  if (const FieldSlot* acct = first_saying(draft, {Key::kAcct})) return names.group_named(acct->text);
  return {};
}

void write_target(const Draft& draft, IdNames& names) {
  Event& out = *draft.out;
  write_actor(draft, names);
  write_program_as_effective(draft, names);
  set_user(out, FieldId::kUserTargetId, FieldId::kUserTargetName, account(draft, names));
  if (const FieldSlot* group = first_saying(draft, {Key::kGrp})) {
    set_group(out, FieldId::kUserTargetGroupId, FieldId::kUserTargetGroupName, names.group_named(group->text));
  }
}

void write_selinux_user(const Draft& draft) {
  const FieldSlot* subject = draft.slot(Key::kSubj) != nullptr ? draft.slot(Key::kSubj) : draft.slot(Key::kScontext);
  if (subject == nullptr) return;
  Event& out = *draft.out;
  const SelinuxContext context = parse_selinux_context(subject->text);
  if (context.user.empty()) return;
  out.set_view(FieldId::kAuditdUserSelinuxUser, context.user);
  out.set_view(FieldId::kAuditdUserSelinuxRole, context.role);
  out.set_view(FieldId::kAuditdUserSelinuxDomain, context.domain);
  if (!context.level.empty()) out.set_view(FieldId::kAuditdUserSelinuxLevel, context.level);
  if (!context.category.empty()) out.set_view(FieldId::kAuditdUserSelinuxCategory, context.category);
}

}  // namespace

SelinuxContext parse_selinux_context(std::string_view text) {
  SelinuxContext context;
  std::string_view* const parts[] = {&context.user, &context.role, &context.domain, &context.level};
  for (std::string_view* part : parts) {
    const size_t colon = text.find(':');
    *part = text.substr(0, colon);
    if (colon == std::string_view::npos) return context.domain.empty() ? SelinuxContext{} : context;
    text.remove_prefix(colon + 1);
  }
  context.category = text;
  return context;
}

void write_identities(Draft& draft, IdNames& names) {
  const Rule* rule = draft.rule();
  switch (rule == nullptr ? Identity::process : rule->identity) {
    case Identity::process:
      write_process_user(draft, names);
      break;
    case Identity::actor:
      write_actor(draft, names);
      set_user(*draft.out, FieldId::kUserEffectiveId, FieldId::kUserEffectiveName, account(draft, names));
      break;
    case Identity::actor_target:
      write_target(draft, names);
      break;
    case Identity::group_target:
      write_actor(draft, names);
      write_program_as_effective(draft, names);
      set_group(*draft.out, FieldId::kGroupId, FieldId::kGroupName, group_of(draft, names));
      break;
    case Identity::login:
      write_login(draft, names);
      break;
  }
  set_user(*draft.out, FieldId::kAuditdUserAuditId, FieldId::kAuditdUserAuditName,
           names.user(draft.primary_slot(Key::kAuid)));
  write_process_identities(draft, names);
  write_selinux_user(draft);
}

}  // namespace acta::audit
