#include "processors/audit/record_list.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

constexpr int kMacFirst = 1403, kMacLast = 1417;  // MAC_POLICY_LOAD to MAC_UNLBL_STCDEL
constexpr int kDaemonKeysLast = 1205;             // DAEMON_ERR: those after it have other fields
constexpr int kFilterConfig = 1325, kEventListener = 1335, kPromiscuous = 1700;

// Without these the tools take a record for malformed (parse functions of ausearch-parse.c, audit 3.0.9).
const KeySet& wanted_keys(uint16_t record_type) {
  static constexpr KeySet kNone, kDaemon{Key::kPid, Key::kAuid}, kListener{Key::kPid, Key::kComm}, kLogin{Key::kAuid},
      kUserRecord{Key::kPid, Key::kUid, Key::kAuid}, kAccess{Key::kTclass, Key::kComm}, kFilter{Key::kAuid, Key::kExe},
      kCall{Key::kSyscall, Key::kA0,   Key::kA1,   Key::kPid,  Key::kAuid, Key::kUid,
            Key::kGid,     Key::kEuid, Key::kEgid, Key::kComm, Key::kExe};
  switch (record_type) {
    case type::kSyscall:
      return kCall;
    case type::kLogin:
      return kUserRecord;
    case type::kAvc:
      return kAccess;
    case type::kSeccomp:
      return kFilter;
    case type::kTty:
    case type::kAnomAbend:
    case kPromiscuous:
      return kLogin;
    case kFilterConfig:
    case kEventListener:
      return kListener;
    default:
      break;
  }
  if (type::is_user(record_type)) return kUserRecord;
  if (record_type >= kMacFirst && record_type <= kMacLast) return kLogin;
  return record_type >= type::kDaemonFirst && record_type <= kDaemonKeysLast ? kDaemon : kNone;
}

// Texts of which each counts, even when two are the same.
bool is_listed(Key key) {
  return key == Key::kKey || key == Key::kPath || key == Key::kName || key == Key::kNewDisk || key == Key::kSaddr;
}

// Of these the tools keep one for the event.
bool is_kept(Key key) {
  switch (key) {
    case Key::kPid:
    case Key::kAuid:
    case Key::kExe:
    case Key::kComm:
    case Key::kTerminal:
    case Key::kTty:
    case Key::kHostname:
    case Key::kAddr:
    case Key::kAcct:
    case Key::kRes:
    case Key::kResult:
    case Key::kSuccess:
    case Key::kSyscall:
      return true;
    default:
      return false;
  }
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '{' && c != '}'; });
}

std::string hex_of(std::string_view bytes) {
  std::string hex(2 * bytes.size(), '\0');
  write_hex(bytes, hex.data());
  return hex;
}

// What groups are made of; longer than an index keeps it would be missing there.
bool has_long_text(const RecordFields& record) {
  return record.record->body.size() > kRecordListMax && std::ranges::any_of(record.slots, [](const FieldSlot& slot) {
           return slot.printed.size() > kRecordListMax &&
                  (is_kept(slot.key) || is_listed(slot.key) || slot.key == Key::kTcontext);
         });
}

// The tools look for the space behind a value, and skip the event when there is none.
bool ends_well(const RecordFields& record) {
  if (record.slots.empty()) return true;
  const FieldSlot& last = *(record.slots.end() - 1);
  return !is_kept(last.key) || last.field.quoted || last.key == Key::kRes || last.key == Key::kResult;
}

// 0: the tools do not look for it in a message of a program, or wherever it is.
unsigned place_in_message(const FieldSlot& slot) {
  switch (slot.key) {
    case Key::kUid:
      return 1;
    case Key::kComm:
      return 2;
    case Key::kAcct:
      return 3;
    case Key::kExe:
    case Key::kHostname:
    case Key::kAddr:
    case Key::kTerminal:
    case Key::kRes:
    case Key::kResult:
      return 4;
    default:
      return 0;
  }
}

// Taken for a uid= that is malformed (parse_user).
bool is_like_uid(std::string_view key) {
  return key.size() > 3 && key.ends_with("uid") && std::string_view("asu").find(key[key.size() - 4]) == key.npos;
}

// The tools look for these one behind the other, and do not find what stands before (parse_user).
bool is_in_order(const RecordFields& record) {
  unsigned last = 0;
  for (const FieldSlot& slot : record.slots) {
    if (!slot.field.in_message) continue;
    if (is_like_uid(slot.field.key)) return false;
    const unsigned place = place_in_message(slot);
    if (place == 0) continue;
    if (place < last || (place == last && slot.key == Key::kUid)) return false;
    last = place;
  }
  return true;
}

// Text that should be in quotes, or else in hexadecimal, is neither: the tools make nothing of it.
bool has_bare_text(const Draft& draft) {
  constexpr Key kTexts[] = {Key::kExe, Key::kComm, Key::kAcct, Key::kKey, Key::kPath, Key::kName, Key::kNewDisk};
  return std::ranges::any_of(kTexts, [&draft](Key key) {
    const FieldSlot* slot = draft.slot(key);
    return slot != nullptr && !slot->field.quoted && !slot->decoded() && !slot->absent();
  });
}

/// Words with a space between, as many as an index keeps.
class ListText {
 public:
  void add(char c) {
    if (size_ < kRecordListMax) {
      bytes_[size_++] = c;
    } else {
      full_ = true;
    }
  }
  void add(std::string_view text) {
    if (text.size() <= kRecordListMax - size_) {
      std::memcpy(bytes_ + size_, text.data(), text.size());
      size_ += text.size();
    } else {
      full_ = true;
    }
  }
  void add_printed(const Field& field) {
    if (field.quoted) add('"');
    add(field.value);
    if (field.quoted) add('"');
  }
  void separate() {
    if (size_ > 0) add(' ');
  }
  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::string_view text() const { return {bytes_, size_}; }

 private:
  size_t size_ = 0;
  bool full_ = false;
  char bytes_[kRecordListMax];  // as many as size_ says
};

/// The two texts of an event in the making.
class RecordList {
 public:
  RecordList(const Draft& draft, const std::vector<RepeatedField>& repeated)
      : draft_(draft), repeated_(repeated.begin()), repeated_end_(repeated.end()) {}

  /// False when the event can be counted by its records only.
  bool add(const RecordFields& record, size_t number) {
    const uint16_t record_type = record.type();
    if (record_type == 0 || record.record->type_name.empty() || has_long_text(record) || !ends_well(record))
      return false;
    if (!record.keys.has_all(wanted_keys(record_type))) return false;
    if (type::is_user(record_type) && !is_in_order(record)) return false;
    types_.separate();
    types_.add(record.record->type_name);
    if (repeated_ != repeated_end_ && repeated_->record == number && !add_repeated(number)) return false;
    switch (record_type) {
      case type::kSyscall:
        return ++calls_ == 1;
      case type::kAvc:
      case type::kUserAvc:
        return ++access_ == 1;
      case type::kCwd:
        if (directory_ == nullptr) directory_ = record.find(Key::kCwd);
        return true;
      case type::kPath:
        return add_name(record.find(Key::kName));
      default:
        return true;
    }
  }
  [[nodiscard]] bool is_whole() const { return !types_.full() && !names_.full() && repeated_ == repeated_end_; }
  [[nodiscard]] std::string_view types() const { return types_.text(); }
  [[nodiscard]] std::string_view names() const { return names_.text(); }

 private:
  // Whether auditd.data says the same for the event, or the tools do not look at it.
  [[nodiscard]] bool is_said(const FieldSlot& slot) const {
    if (is_listed(slot.key)) return false;
    if (!is_kept(slot.key)) return true;
    const FieldSlot* known = draft_.slot(slot.key);
    return known != nullptr && known->text == slot.text && known->field.quoted == slot.field.quoted;
  }

  bool add_repeated(size_t number) {
    char before = '{';
    for (; repeated_ != repeated_end_ && repeated_->record == number; ++repeated_) {
      const FieldSlot& slot = *repeated_->slot;
      if (is_said(slot)) continue;
      if (!is_plain(slot.field.value)) return false;
      types_.add(std::exchange(before, ' '));
      types_.add(slot.name);
      types_.add('=');
      types_.add_printed(slot.field);
    }
    if (before == ' ') types_.add('}');
    return true;
  }

  bool add_name(const FieldSlot* name) {
    if (name == nullptr) return true;
    if (name->field.value.find(' ') != std::string_view::npos) return false;
    names_.separate();
    const bool relative = name->text.starts_with("./") || name->text.starts_with("..");
    if (!relative || directory_ == nullptr) {
      add_word(name->field);
      return true;
    }
    const std::string path = std::string(directory_->text) + "/" + std::string(name->text);
    const bool plain = is_plain(path);
    add_word({.value = plain ? path : hex_of(path), .quoted = plain});
    return true;
  }

  void add_word(const Field& name) {
    const bool bare = name.quoted && !name.value.empty() && name.value.front() != '=';
    if (bare) return names_.add(name.value);
    names_.add('=');
    names_.add_printed(name);
  }

  const Draft& draft_;
  std::vector<RepeatedField>::const_iterator repeated_, repeated_end_;  ///< still to come, in the order of records
  const FieldSlot* directory_ = nullptr;
  unsigned calls_ = 0, access_ = 0;
  ListText types_, names_;
};

}  // namespace

void write_record_list(Draft& draft, const std::vector<RepeatedField>& repeated) {
  if (has_bare_text(draft)) return;
  RecordList list(draft, repeated);
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    if (!list.add((*draft.fields)[i], i)) return;
  }
  if (!list.is_whole()) return;
  Event& out = *draft.out;
  out.set(FieldId::kAuditdRecords, list.types());
  if (!list.names().empty()) out.set(FieldId::kAuditdNames, list.names());
}

}  // namespace acta::audit
