#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "processors/audit/field_key.h"
#include "processors/audit/occurrences.h"
#include "processors/audit/scan.h"

namespace acta::audit {

/// Splits one body. The grammar is in docs/audit-records.md. `Fields` takes what is found, in order: add(Field) one
/// more, extend(end) moves the end of the latest one's value there; and it is what Occurrences asks.
template <class Fields>
class Splitter {
 public:
  /// `upper`: keys are in upper case.
  Splitter(Fields& fields, bool upper) : fields_(fields), upper_(upper) {}

  void split(std::string_view text) {
    region(text.data(), text.data() + text.size());
    Occurrences::recount(fields_);
  }

 private:
  static constexpr size_t kFieldsMax =
      16384;  // of one record (a line of auditd holds less than 4,500); text beyond it stays one piece

  static std::string_view view(const char* from, const char* to) { return {from, static_cast<size_t>(to - from)}; }

  static bool all_digits(const char* at, const char* end) {
    return std::all_of(at, end, [](char c) { return c >= '0' && c <= '9'; });
  }

  static const char* skip_spaces(const char* at, const char* end) {
    while (at != end && *at == ' ') ++at;
    return at;
  }

  void push(std::string_view key, Key id, std::string_view value, bool quoted) {
    fields_.add(key, value, quoted, in_message_, occurrences_.count(key, id, fields_), id);
  }
  void push(std::string_view key, std::string_view value, bool quoted) { push(key, id_of(key), value, quoted); }

  [[nodiscard]] Key id_of(std::string_view key) const { return upper_ ? find_upper_key(key) : find_key(key); }

  void region(const char* at, const char* end) {
    while ((at = skip_spaces(at, end)) != end) {
      if (fields_.size() >= kFieldsMax) {
        push({}, view(at, end), false);
        return;
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
      fields_.extend(stop);
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

  Fields& fields_;
  bool upper_;
  Occurrences occurrences_;
  bool in_message_ = false;
  bool list_ = false;   // inside "( … )" of an old message
  bool loose_ = false;  // the last field is words without a key, and more may follow
};

/// Splits an enriched tail, as split_enriched().
template <class Fields>
void split_tail(std::string_view text, Fields& fields) {
  constexpr std::string_view kAddress = "SADDR={";
  // SADDR={ saddr_fam=inet laddr=… } comes alone or last, and a path in it may hold anything.
  size_t start = text.starts_with(kAddress) ? 0 : text.find(" SADDR={");
  if (start == std::string_view::npos) return Splitter(fields, true).split(text);
  if (start != 0) ++start;
  Splitter(fields, true).split(text.substr(0, start));
  const size_t equals = kAddress.size() - 2;
  fields.add(text.substr(start, equals), text.substr(start + equals + 1), false, false, 0, Key::kSaddr);
}

}  // namespace acta::audit
