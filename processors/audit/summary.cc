#include "processors/audit/summary.h"

#include "processors/audit/path.h"

namespace acta::audit {
namespace {

constexpr std::string_view kInterpreters[] = {"python", "perl", "ruby", "sh", "bash", "dash", "node", "php"};

std::string_view program(const Draft& draft) {
  const std::string_view executable = draft.primary_text(Key::kExe);
  const std::string_view comm = draft.primary_text(Key::kComm);
  if (executable.empty()) return comm;
  const bool script = !comm.empty() && is_interpreter(executable) && !base_name(executable).starts_with(comm);
  return script ? comm : executable;
}

std::string_view value_of(const Draft& draft, IdNames& names, const SummarySources& sources, std::string_view word) {
  if (word.starts_with('@')) {
    if (word == kSourcePath) return sources.path;
    if (word == kSourceAddress) return sources.address;
    if (word == kSourcePort) return sources.port;
    return word == kSourceProgram ? program(draft) : std::string_view{};
  }
  const FieldSlot* slot = find_source(draft, word);
  if (slot == nullptr || slot->absent() || is_word_for_nothing(slot->text)) return {};
  switch (slot->key) {
    case Key::kSyscall:
      return draft.syscall_text;
    case Key::kData:
      if (const Value* words = draft.out->find(FieldId::kAuditdInterpreted, slot->name)) return words->text();
      return slot->text;
    default:
      break;
  }
  if (slot->kind != FieldKind::uid && slot->kind != FieldKind::gid) return slot->text;
  if (is_unset_id(slot->text)) return "unset";
  const IdName who = slot->kind == FieldKind::uid ? names.user(slot) : names.group(slot);
  return who.name.empty() ? slot->text : who.name;
}

void write_first(Draft& draft, IdNames& names, const SummarySources& sources, Sources words, FieldId field) {
  for (const std::string_view word : words) {
    const std::string_view value = value_of(draft, names, sources, word);
    if (value.empty()) continue;
    draft.out->set_view(field, value);
    return;
  }
}

// The table says "file" for all that has a path.
std::string_view object_type(const Rule& rule, std::string_view file_type) {
  if (rule.object_type != "file" || file_type.empty()) return rule.object_type;
  if (file_type == "dir") return "directory";
  if (file_type == "character") return "character-device";
  if (file_type == "block") return "block-device";
  return file_type;
}

}  // namespace

bool is_interpreter(std::string_view executable) {
  std::string_view name = base_name(executable);
  while (!name.empty() && ((name.back() >= '0' && name.back() <= '9') || name.back() == '.')) name.remove_suffix(1);
  for (const std::string_view interpreter : kInterpreters) {
    if (name == interpreter) return true;
  }
  return false;
}

const FieldSlot* find_source(const Draft& draft, std::string_view word) {
  const Key key = find_key(word);
  if (key == Key::kUid) {
    // uid= inside msg='…' is the person; the one before it is the program's.
    for (const FieldSlot& slot : draft.primary_record().slots) {
      if (slot.key == key && slot.field.in_message) return &slot;
    }
  }
  if (key != Key::other) return draft.primary_slot(key);
  const auto find = [word](const RecordFields& record) -> const FieldSlot* {
    for (const FieldSlot& slot : record.slots) {
      if (slot.field.key == word) return &slot;
    }
    return nullptr;
  };
  if (const FieldSlot* slot = find(draft.primary_record())) return slot;
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    if (const FieldSlot* slot = find((*draft.fields)[i])) return slot;
  }
  return nullptr;
}

void write_summary(Draft& draft, IdNames& names, const SummarySources& sources) {
  static constexpr std::string_view kAuid[] = {"auid"};
  static constexpr std::string_view kUid[] = {"uid"};
  static constexpr std::string_view kProgram[] = {kSourceProgram};
  const Rule* rule = draft.rule();
  const auto write = [&](Sources words, FieldId field) { write_first(draft, names, sources, words, field); };
  write(rule != nullptr ? rule->actor_primary : Sources(kAuid), FieldId::kAuditdSummaryActorPrimary);
  write(rule != nullptr ? rule->actor_secondary : Sources(kUid), FieldId::kAuditdSummaryActorSecondary);
  write(rule != nullptr ? rule->how : Sources(kProgram), FieldId::kAuditdSummaryHow);
  if (rule == nullptr) return;
  write(rule->object_primary, FieldId::kAuditdSummaryObjectPrimary);
  write(rule->object_secondary, FieldId::kAuditdSummaryObjectSecondary);
  const std::string_view object = object_type(*rule, sources.file_type);
  if (!object.empty()) draft.out->set_view(FieldId::kAuditdSummaryObjectType, object);
}

}  // namespace acta::audit
