#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "processors/audit/record.h"
#include "processors/audit/scan.h"

namespace acta::audit {
namespace {

constexpr size_t kFieldsMax =
    16384;  // of one record (a line of auditd holds less than 4,500); text beyond it stays one piece
constexpr size_t kScanMax = 128;  // fields up to which repeated keys are looked for by going back
constexpr uint16_t kOccurrenceMax = UINT16_MAX;

std::string_view view(const char* from, const char* to) {
  return {from, static_cast<size_t>(to - from)};
}

bool all_digits(const char* at, const char* end) {
  return std::all_of(at, end, [](char c) { return c >= '0' && c <= '9'; });
}

const char* skip_spaces(const char* at, const char* end) {
  while (at != end && *at == ' ') ++at;
  return at;
}

uint32_t key_hash(std::string_view key) {
  uint32_t first = 0;
  uint32_t last = 0;
  if (key.size() >= 4) {
    std::memcpy(&first, key.data(), 4);
    std::memcpy(&last, key.data() + key.size() - 4, 4);
  } else {
    for (const char c : key) first = first << 8 | static_cast<uint8_t>(c);
  }
  return first * 0x9e3779b1u ^ (last + static_cast<uint32_t>(key.size())) * 0x85ebca77u;
}

// Counts repeated keys of a record while its fields are made.
class Occurrences {
 public:
  // How many of the fields have the key.
  uint16_t count(std::string_view key, Key id, const std::vector<Field>& fields) {
    if (++keys_ > kScanMax) return 0;  // recount() does it
    if (id == Key::other) return count_other(key, fields);
    uint64_t& word = known_[index(id) / 64];
    const uint64_t mask = uint64_t{1} << (index(id) % 64);
    if ((word & mask) != 0) {
      for (size_t i = fields.size(); i-- > 0;) {
        if (fields[i].id == id) return static_cast<uint16_t>(fields[i].occurrence + 1);
      }
    }
    word |= mask;
    return 0;
  }

  // For records with so many fields that going back would take quadratic time.
  static void recount(std::vector<Field>& fields) {
    if (fields.size() <= kScanMax) return;
    size_t slots = 1;
    while (slots < fields.size() * 2) slots *= 2;
    std::vector<uint32_t> latest(slots, 0);  // index of the latest field of a key, plus one
    for (size_t i = 0; i < fields.size(); ++i) {
      Field& field = fields[i];
      size_t slot = (key_hash(field.key) * 0x9e3779b1u) & (slots - 1);
      while (latest[slot] != 0 && fields[latest[slot] - 1].key != field.key) slot = (slot + 1) & (slots - 1);
      field.occurrence = 0;
      if (latest[slot] != 0) {
        const uint16_t before = fields[latest[slot] - 1].occurrence;
        field.occurrence = before == kOccurrenceMax ? before : static_cast<uint16_t>(before + 1);
      }
      latest[slot] = static_cast<uint32_t>(i + 1);
    }
  }

 private:
  uint16_t count_other(std::string_view key, const std::vector<Field>& fields) {
    const uint32_t bit = key_hash(key) >> 24;
    uint64_t& word = seen_[bit / 64];
    const uint64_t mask = uint64_t{1} << (bit % 64);
    if ((word & mask) != 0) {
      for (size_t i = fields.size(); i-- > 0;) {
        if (fields[i].key == key) return static_cast<uint16_t>(fields[i].occurrence + 1);
      }
    }
    word |= mask;
    return 0;
  }

  uint64_t known_[kKeyCount / 64 + 1] = {};
  uint64_t seen_[4] = {};  // of other keys, by hash
  size_t keys_ = 0;
};

// Splits one body. The grammar is in docs/audit-records.md.
class Splitter {
 public:
  // `upper`: keys are in upper case.
  Splitter(std::vector<Field>& fields, KeyOrder* order, bool upper) : fields_(fields), order_(order), upper_(upper) {
    fields_.clear();
  }

  void split(std::string_view text) {
    region(text.data(), text.data() + text.size());
    Occurrences::recount(fields_);
  }

 private:
  void push(std::string_view key, Key id, std::string_view value, bool quoted) {
    fields_.emplace_back(key, value, quoted, in_message_, occurrences_.count(key, id, fields_), id);
    if (order_ != nullptr) order_->after[index(latest_)] = id;
    latest_ = id;
  }
  void push(std::string_view key, std::string_view value, bool quoted) { push(key, id_of(key), value, quoted); }

  [[nodiscard]] Key id_of(std::string_view key) const { return upper_ ? find_upper_key(key) : find_key(key); }

  // The key that stands here, when it is the one that came after the latest in the record before.
  [[nodiscard]] Key expected(const char* at, const char* end) const {
    if (order_ == nullptr) return Key::other;
    const Key next = order_->after[index(latest_)];
    return is_key_at(next, at, end, upper_) ? next : Key::other;
  }

  void region(const char* at, const char* end) {
    while ((at = skip_spaces(at, end)) != end) {
      if (fields_.size() >= kFieldsMax) {
        push({}, view(at, end), false);
        return;
      }
      if (const Key key = expected(at, end); key != Key::other) {
        loose_ = false;
        const size_t size = key_text(key).size();
        at = value({at, size}, key, at + size + 1, end);
        continue;
      }
      const char* stop = scan::find<' ', '='>(at, end);
      if (stop == end || *stop == ' ') {
        at = word(at, stop, end);
      } else {
        loose_ = false;
        if (*at == '(') {  // "(hostname=?, addr=?, terminal=cron res=success)"
          ++at;
          list_ = true;
        }
        const std::string_view key = view(at, stop);
        at = value(key, id_of(key), stop + 1, end);
      }
    }
  }

  // Words without '='. Returns where to go on.
  const char* word(const char* at, const char* stop, const char* end) {
    const std::string_view text = view(at, stop);
    if (text == ":" && in_message_) return stop;  // "acct=root : exe=" of old PAM messages
    if (text == "avc:") {
      if (const char* next = access_vector(stop, end)) return next;
    }
    if ((text == "old" || text == "new") && stop != end) {
      if (const char* next = old_login(text == "old", stop + 1, end)) return next;
    }
    if (loose_) {
      Field& last = fields_.back();
      last.value = view(last.value.data(), stop);
    } else {
      push({}, text, false);
      loose_ = true;
    }
    return stop;
  }

  // "old auid=1 new auid=2 old ses=3 new ses=4" of LOGIN before kernel 3.13 means what "old-auid=1 auid=2 old-ses=3
  // ses=4" does today.
  const char* old_login(bool old, const char* at, const char* end) {
    for (const std::string_view key : {std::string_view("old-auid"), std::string_view("old-ses")}) {
      const std::string_view name = key.substr(4);
      if (static_cast<size_t>(end - at) <= name.size() || !view(at, end).starts_with(name) || at[name.size()] != '=')
        continue;
      loose_ = false;
      const std::string_view meant = old ? key : name;
      return plain(meant, id_of(meant), at + name.size() + 1, end);
    }
    return nullptr;
  }

  // "avc:  denied  { read write } for  pid=…"
  const char* access_vector(const char* at, const char* end) {
    at = skip_spaces(at, end);
    const char* stop = scan::find<' '>(at, end);
    const std::string_view result = view(at, stop);
    if (result != "denied" && result != "granted") return nullptr;  // "avc:  received setenforce notice (enforcing=1)"
    loose_ = false;
    push("seresult", result, false);
    at = skip_spaces(stop, end);
    if (at == end || *at != '{') return at;
    const auto* close = static_cast<const char*>(std::memchr(at, '}', static_cast<size_t>(end - at)));
    if (close == nullptr) return at;
    const char* first = skip_spaces(at + 1, close);
    const char* last = close;
    while (last != first && last[-1] == ' ') --last;
    push("seperms", view(first, last), false);
    at = skip_spaces(close + 1, end);
    const bool has_for = view(at, end).starts_with("for ");
    return has_for ? at + 4 : at;
  }

  // A field whose value is at `from`. Returns where to go on.
  const char* value(std::string_view key, Key id, const char* from, const char* end) {
    if (from == end) {
      push(key, id, view(from, from), false);
      return from;
    }
    if (*from == '"') {
      if (const char* next = quoted(key, id, from + 1, end)) return next;
    }
    if (*from == '\'' && key == "msg" && !in_message_) return message(from + 1, end);
    return plain(key, id, from, end);
  }

  // A quote mark that encloses nothing ends the record: a log that was copied out of something else.
  [[nodiscard]] bool is_stray(const char* at, const char* end) const {
    return !in_message_ && at + 1 == end && (*at == '"' || *at == '\'');
  }

  // auditd's additions without the mark before them, which some transports lose: key=(null)ARCH=x86_64
  [[nodiscard]] bool is_glued(const char* at, const char* end) const {
    if (in_message_ || at == end || *at < 'A' || *at > 'Z') return false;
    const char* stop = scan::find<' ', '='>(at, end);
    return stop != end && *stop == '=';
  }

  // Where such additions begin in a plain value: after "(null)" (key) or a number (cap_frootid=0OUID="root"), which the
  // kernel prints without quotes. Null: nowhere.
  [[nodiscard]] const char* glued_tail(const char* from, const char* last, const char* end) const {
    if (last == from) return nullptr;
    if (*from == '(') return view(from, last).starts_with("(null)") && is_glued(from + 6, end) ? from + 6 : nullptr;
    if (last[-1] != '"' || *from < '0' || *from > '9') return nullptr;
    const char* tail = std::find_if(from, last, [](char c) { return c < '0' || c > '9'; });
    return is_glued(tail, end) ? tail : nullptr;
  }

  // A value in double quotes. Null when the quotes do not enclose a whole value.
  const char* quoted(std::string_view key, Key id, const char* from, const char* end) {
    const char* close = scan::find<'"'>(from, end);
    if (close == end) return nullptr;
    const char* next = close + 1;
    if (next != end && *next != ' ' && !is_stray(next, end) && !is_glued(next, end)) {
      if (*next != ',' && *next != ')') return nullptr;
      if (*next == ')') list_ = false;
      ++next;
      if (next != end && *next != ' ') return nullptr;
    }
    push(key, id, view(from, close), true);
    return next;
  }

  // The text of a program. It is not escaped, so only the last quote of the record closes it.
  const char* message(const char* from, const char* end) {
    const auto* close = static_cast<const char*>(memrchr(from, '\'', static_cast<size_t>(end - from)));
    if (close == nullptr) close = end;
    in_message_ = true;
    loose_ = false;
    region(from, close);
    in_message_ = false;
    loose_ = false;
    list_ = false;
    return close == end ? end : close + 1;
  }

  const char* plain(std::string_view key, Key id, const char* from, const char* end) {
    const char* stop = scan::find<' '>(from, end);
    const char* last = stop;
    if (key == "op" && stop != from) last = stop = operation_end(stop, end);
    if (last != from && last[-1] == ',') --last;
    if (list_ && last != from && last[-1] == ')' && (*from != '(' || view(from, last).ends_with("))"))) {
      --last;
      list_ = false;
    }
    if (const char* tail = glued_tail(from, last, end)) stop = last = tail;
    if (last == end && last != from && is_stray(last - 1, end) && *from != last[-1]) stop = --last;
    // "msg='uid=848: exe=…" of old logins
    if (in_message_ && last - from > 1 && last[-1] == ':' && all_digits(from, last - 1)) --last;
    push(key, id, view(from, last), false);
    return stop;
  }

  // "op=adding user to group acct=…": the text goes on to the last word before the next key.
  static const char* operation_end(const char* stop, const char* end) {
    const char* last = stop;
    while (true) {
      const char* at = skip_spaces(last, end);
      if (at == end) return last;
      const char* next = scan::find<' ', '='>(at, end);
      if (next != end && *next == '=') return last;
      last = next;
    }
  }

  std::vector<Field>& fields_;
  KeyOrder* order_;
  bool upper_;
  Key latest_ = Key::other;
  Occurrences occurrences_;
  bool in_message_ = false;
  bool list_ = false;   // inside "( … )" of an old message
  bool loose_ = false;  // the last field is words without a key, and more may follow
};

}  // namespace

void split_fields(const Record& record, std::vector<Field>& fields, KeyOrder* order) {
  Splitter(fields, order, false).split(record.body);
}

void split_enriched(const Record& record, std::vector<Field>& fields, KeyOrder* order) {
  constexpr std::string_view kAddress = "SADDR={";
  const std::string_view text = record.enriched;
  // SADDR={ saddr_fam=inet laddr=… } comes alone or last, and a path in it may hold anything.
  size_t start = text.starts_with(kAddress) ? 0 : text.find(" SADDR={");
  if (start == std::string_view::npos) return Splitter(fields, order, true).split(text);
  if (start != 0) ++start;
  Splitter(fields, order, true).split(text.substr(0, start));
  const size_t equals = kAddress.size() - 2;
  fields.push_back({text.substr(start, equals), text.substr(start + equals + 1), false, false, 0, Key::kSaddr});
}

}  // namespace acta::audit
