#include "processors/audit/classify.h"

#include <charconv>

#include "processors/audit/interpret.h"
#include "processors/audit/process_fields.h"
#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

// The row of a record: AVC records of AppArmor name their own.
const Rule* rule_for_record(const RecordFields& record) {
  if (record.type() == type::kAvc || record.type() == type::kUserAvc) {
    if (const FieldSlot* word = record.find(Key::kApparmor)) return rule_for_apparmor(word->text);
  }
  return rule_for_type(record.type());
}

// A record that only accompanies SYSCALL has a row without an action.
bool accompanies(const Rule* rule) {
  return rule != nullptr && rule->action.empty() && rule->refinements.empty();
}

void find_primary(Draft& draft) {
  draft.primary = draft.syscall_record >= 0 ? draft.syscall_record : 0;
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    const auto at = static_cast<int>(i);
    if (at == draft.syscall_record) continue;
    const Rule* rule = rule_for_record(draft.record(at));
    if (accompanies(rule)) continue;
    // A type without a row that follows SYSCALL is an auxiliary record of a newer kernel: what is made inside the call
    // comes before it.
    if (rule == nullptr && draft.syscall_record >= 0 && at > draft.syscall_record) continue;
    draft.primary = at;
    draft.type_rule = rule;
    return;
  }
}

void find_call(Draft& draft) {
  const auto find = [&](Key key) -> const FieldSlot* {
    if (draft.syscall_record >= 0) return draft.record(draft.syscall_record).find(key);
    for (size_t i = 0; i < draft.fields->size(); ++i) {
      if (const FieldSlot* slot = (*draft.fields)[i].find(key)) return slot;
    }
    return nullptr;
  };
  if (const FieldSlot* slot = find(Key::kArch)) {
    const auto arch = read_hex(slot->text);
    if (arch && *arch <= UINT32_MAX) {
      draft.arch = static_cast<uint32_t>(*arch);
      draft.arch_printed = slot->text;
    }
  }
  if (const FieldSlot* slot = find(Key::kSyscall)) {
    int32_t number = -1;
    const char* end = slot->text.data() + slot->text.size();
    draft.syscall_text = slot->text;
    const auto read = std::from_chars(slot->text.data(), end, number);
    if (read.ptr != end || read.ec != std::errc{} || slot->text.empty() || number < 0) return;
    draft.syscall = number;
    draft.syscall_printed = slot->text;
    if (const std::string_view name = syscall_name(draft.arch, number); !name.empty()) draft.syscall_text = name;
  }
}

class KindWriter {
 public:
  explicit KindWriter(Event& out) : out_(out) {}

  /// `record`: the one that the row is of.
  void add(const Rule& rule, const RecordFields& record) {
    const Refinement* refined = refined_by(rule, record);
    const bool row = refined == nullptr || refined->category.empty();
    for (const std::string_view word : row ? rule.category : refined->category) add(FieldId::kEventCategory, word);
    for (const std::string_view word : row ? rule.type : refined->type) add(FieldId::kEventType, word);
  }
  void add(FieldId list, std::string_view word) {
    bool known = false;
    out_.each(list, [&](const Event::Entry& entry) { known = known || entry.value.text() == word; });
    if (!known) out_.add_view(list, word);
  }
  [[nodiscard]] static std::string_view action(const Rule& rule, const RecordFields& record) {
    const Refinement* refined = refined_by(rule, record);
    return refined == nullptr || refined->action.empty() ? rule.action : refined->action;
  }

 private:
  static const Refinement* refined_by(const Rule& rule, const RecordFields& record) {
    if (rule.by.empty()) return nullptr;
    for (const FieldSlot& slot : record.slots) {
      if (slot.field.key == rule.by) return refinement(rule, slot.text);
    }
    return nullptr;
  }

  Event& out_;
};

std::string_view type_of_change(FileChange change) {
  switch (change) {
    case FileChange::creation:
      return "creation";
    case FileChange::change:
      return "change";
    case FileChange::deletion:
      return "deletion";
    case FileChange::info:
      return "info";
    case FileChange::none:
      break;
  }
  return {};
}

// The action of a record type without a row: its name, as actions are written.
std::string_view action_of_type(const Record& record, Arena& arena) {
  const std::string_view known = type_name(record.type);
  const std::string_view name = known.empty() ? record.type_name : known;
  if (name.empty()) return "unknown";  // a plug-in's line without type=
  char* to = arena.allocate(name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    to[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return {to, name.size()};
}

}  // namespace

void classify(Draft& draft) {
  draft.syscall_record = draft.fields->find_record(type::kSyscall);
  find_call(draft);
  if (draft.syscall_record >= 0) draft.syscall_rule = rule_for_syscall(draft.syscall_text);
  find_primary(draft);
}

void write_event_kind(Draft& draft, FileChange change) {
  Event& out = *draft.out;
  out.set_view(FieldId::kEventKind, "event");
  KindWriter writer(out);
  if (draft.type_rule != nullptr) writer.add(*draft.type_rule, draft.primary_record());
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    const RecordFields& record = (*draft.fields)[i];
    const bool plain =
        static_cast<int>(i) == draft.primary || record.type() == type::kPath || record.type() == type::kExecve;
    const Rule* rule = plain ? nullptr : rule_for_record(record);
    if (rule != nullptr && rule->adds) writer.add(*rule, record);
  }
  if (draft.syscall_rule != nullptr) {
    const std::string_view refined = type_of_change(change);
    if (refined.empty()) {
      writer.add(*draft.syscall_rule, draft.record(draft.syscall_record));
    } else {
      for (const std::string_view word : draft.syscall_rule->category) writer.add(FieldId::kEventCategory, word);
      writer.add(FieldId::kEventType, refined);
    }
  }
  std::string_view action;
  if (draft.type_rule != nullptr) action = KindWriter::action(*draft.type_rule, draft.primary_record());
  if (action.empty() && draft.syscall_record >= 0 && draft.primary == draft.syscall_record) {
    action = draft.syscall_rule->action.empty() ? draft.syscall_text : draft.syscall_rule->action;
  }
  if (action.empty()) action = action_of_type(*draft.primary_record().record, out.arena());
  out.set_view(FieldId::kEventAction, action);
}

}  // namespace acta::audit
