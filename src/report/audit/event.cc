#include "report/audit/event.h"

#include <libaudit.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <iterator>
#include <utility>

namespace acta::report::audit {
namespace {

constexpr char kTailMark = '\x1d';
constexpr int kMacOneRecordFirst = 1406, kMacOneRecordLast = 1419;  // MAC_UNLBL_ALLOW to MAC_CALIPSO_DEL
constexpr int kAnomaliesFirst = 2100;

template <class T>
bool take_number(std::string_view& text, T& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

/// What stands before the fields of a record.
struct Head {
  std::string_view node{};
  bool has_node = false;
  std::string type{};
  int64_t second = 0;
  unsigned milli = 0;
  uint64_t serial = 0;
};

bool read_head(std::string_view line, Head& head) {
  if (take(line, "node=")) {
    head.has_node = true;
    head.node = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), head.node.size() + 1));
  }
  if (!take(line, "type=")) return false;
  head.type = line.substr(0, line.find(' '));
  const size_t stamp = line.find("audit(");
  if (stamp == std::string_view::npos) return false;
  line.remove_prefix(stamp + 6);
  return take_number(line, head.second) && take(line, ".") && take_number(line, head.milli) && take(line, ":") &&
         take_number(line, head.serial);
}

AuditRecord record_of(std::string_view line, int type) {
  const size_t mark = line.find(kTailMark);
  if (mark == std::string_view::npos) return {.type = type, .message = line};
  return {.type = type, .message = line.substr(0, mark), .tail = line.substr(mark + 1)};
}

/// Types of which the agent makes a document as soon as it has read one (docs/audit-records.md).
bool never_has_company(int type) {
  return type == AUDIT_USER || (type >= AUDIT_FIRST_USER_MSG && type < AUDIT_SYSCALL) || type == AUDIT_KERNEL ||
         type >= kAnomaliesFirst;
}

/// Where the records of a document lay.
class Places {
 public:
  Places() = default;
  explicit Places(const Document& document) {
    const std::string_view fingerprint = document.text("actabeat.fingerprint");
    const auto offset = document.number("actabeat.offset");
    if (fingerprint.empty() || !offset) return;
    log_ = (std::hash<std::string_view>()(fingerprint) ^ std::hash<std::string_view>()(document.host())) | 1;
    first_ = static_cast<uint64_t>(*offset);
    const Document::Value* all = document.find("actabeat.record_offsets");
    if (all != nullptr && all->IsArray()) all_ = all;
  }

  [[nodiscard]] bool apart() const { return all_ != nullptr; }
  /// Of the n-th record. Where they lie together only their order counts.
  [[nodiscard]] LogPlace of(size_t n) const {
    if (log_ == 0) return {};
    const auto index = static_cast<rapidjson::SizeType>(n);
    const bool said = all_ != nullptr && index < all_->Size() && (*all_)[index].IsUint64();
    return {log_, said ? (*all_)[index].GetUint64() : first_ + n};
  }

 private:
  uint64_t log_ = 0;
  uint64_t first_ = 0;
  const Document::Value* all_ = nullptr;
};

/// Splits the text of all records into events.
class Splitter {
 public:
  Splitter(Compat compat, const Places& places, std::vector<AuditEvent>& events)
      : compat_(compat), places_(places), events_(events), had_(events.size()) {}

  void line(std::string_view text) {
    Head head;
    if (!read_head(text, head)) return;
    const int type = audit_name_to_msg_type(head.type.c_str());
    if (events_.size() == had_ || places_.apart() || is_single_record(events_.back().type(), compat_)) begin(head);
    ++lines_;
    AuditEvent& event = events_.back();
    event.records.push_back(record_of(text, type));
    event.enriched = event.enriched || text.find(kTailMark) != std::string_view::npos;
  }

  /// Gives each event the text of its own.
  void finish() {
    for (size_t i = had_; i < events_.size(); ++i) {
      own_text(events_[i]);
      events_[i].complete_at_once = lines_ == 1 && never_has_company(events_[i].type());
    }
  }

 private:
  void begin(const Head& head) {
    AuditEvent& event = events_.emplace_back();
    event.second = head.second;
    event.milli = head.milli;
    event.serial = head.serial;
    event.node = head.node;
    event.has_node = head.has_node;
    event.place = places_.of(lines_);
  }

  static void own_text(AuditEvent& event) {
    size_t size = 0;
    for (const AuditRecord& record : event.records) size += record.message.size() + record.tail.size();
    event.text_.reserve(size);  // not moved any more: views into it stay
    const auto keep = [&](std::string_view text) {
      const size_t at = event.text_.size();
      event.text_.insert(event.text_.end(), text.begin(), text.end());
      return std::string_view(event.text_.data() + at, text.size());
    };
    for (AuditRecord& record : event.records) {
      record.message = keep(record.message);
      record.tail = keep(record.tail);
    }
  }

  const Compat compat_;
  const Places& places_;
  std::vector<AuditEvent>& events_;
  const size_t had_;
  size_t lines_ = 0;
};

void split(std::string_view text, const Places& places, Compat compat, std::vector<AuditEvent>& events) {
  Splitter splitter(compat, places, events);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    splitter.line(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  splitter.finish();
}

/// Adds what `words` (names) say of the ids in `raw`, for the fields that hold one.
void add_names(const Document::Value* raw, const Document::Value* words, std::vector<IdName>& names) {
  if (raw == nullptr || words == nullptr || !raw->IsObject() || !words->IsObject()) return;
  for (const auto& member : words->GetObject()) {
    const std::string_view key(member.name.GetString(), member.name.GetStringLength());
    const bool group = key.ends_with("gid");
    if (!group && !key.ends_with("uid") && key != "id") continue;
    const std::string_view digits = Document::text(Document::find(*raw, key));
    const std::string_view name = Document::text(&member.value);
    uint32_t id = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), id);
    if (digits.empty() || read.ptr != digits.data() + digits.size() || name.empty()) continue;
    const auto is_same = [&](const IdName& known) { return known.id == id && known.group == group; };
    if (std::ranges::none_of(names, is_same)) names.push_back({group, id, std::string(name)});
  }
}

/// Adds a pair of an id and a name as ECS has it.
void add_pair(const Document& document, const std::string& path, std::vector<IdName>& names) {
  const std::string_view digits = document.text(path + ".id");
  const std::string_view name = document.text(path + ".name");
  uint32_t id = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (digits.empty() || read.ptr != digits.data() + digits.size() || name.empty()) return;
  names.push_back({path.ends_with("group"), id, std::string(name)});
}

std::vector<IdName> names_of(const Document& document) {
  std::vector<IdName> names;
  add_names(document.find("auditd.data"), document.find("auditd.interpreted"), names);
  for (const char* list : {"auditd.paths", "auditd.repeated"}) {
    const Document::Value* items = document.find(list);
    if (items == nullptr || !items->IsArray()) continue;
    for (const Document::Value& item : items->GetArray()) add_names(&item, Document::find(item, "interpreted"), names);
  }
  // Accounts that records know by name only.
  for (const char* path : {"user", "user.effective", "user.target", "user.changes", "group"}) {
    add_pair(document, path, names);
  }
  return names;
}

}  // namespace

bool AuditEvent::has(int low, int high) const {
  return std::ranges::any_of(records, [=](const AuditRecord& each) { return each.type >= low && each.type <= high; });
}

void AuditEvent::append(AuditEvent part) {
  records.insert(records.end(), part.records.begin(), part.records.end());
  enriched = enriched || part.enriched;
  for (IdName& name : part.names) {
    const auto is_same = [&](const IdName& known) { return known.id == name.id && known.group == name.group; };
    if (std::ranges::none_of(names, is_same)) names.push_back(std::move(name));
  }
  further_texts_.push_back(std::move(part.text_));
  std::ranges::move(part.further_texts_, std::back_inserter(further_texts_));
}

bool is_single_record(int type, Compat compat) {
  if (type == AUDIT_LOGIN) return compat == Compat::v3;
  return type < AUDIT_SYSCALL || type >= kAnomaliesFirst || type == AUDIT_KERNEL || type == AUDIT_PROCTITLE ||
         (type >= kMacOneRecordFirst && type <= kMacOneRecordLast);
}

void split_events(std::string_view text, Compat compat, std::vector<AuditEvent>& events) {
  split(text, Places(), compat, events);
}

bool make_events(const Document& document, Compat compat, bool with_names, std::vector<AuditEvent>& events) {
  const size_t had = events.size();
  std::string_view text = document.text("event.original");
  std::string rebuilt;
  if (text.empty()) text = rebuilt = rebuild_records(document);
  split(text, Places(document), compat, events);
  for (size_t i = had; i < events.size(); ++i) {
    events[i].host = document.host();
    events[i].rebuilt = !rebuilt.empty();
    if (with_names) events[i].names = names_of(document);
  }
  return events.size() > had;
}

}  // namespace acta::report::audit
