#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "processors/field_ref.h"
#include "processors/processor.h"
#include "processors/rewrite.h"

namespace acta {
namespace {

constexpr Option kOptions[] = {
    {.key = "patterns",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Regular expressions (RE2). What matches is replaced; of a pattern with a group, what the first group "
             "matches: "
             "--password=(\\S+).",
     .required = true},
    {.key = "fields",
     .type = Option::Type::list,
     .fallback =
         "[process.args, process.command_line, process.title, process.parent.args, process.parent.command_line, "
         "process.io.text, message, auditd.data, auditd.interpreted, auditd.execve, auditd.repeated]",
     .help = "Fields to look in. The entries of a list are looked at as one text with spaces between, so that an "
             "option and its "
             "value match together. Hexadecimal values of auditd.* are looked at decoded too."},
    {.key = "replacement",
     .type = Option::Type::text,
     .fallback = "\"[redacted]\"",
     .help = "What stands in the place."},
};

constexpr size_t kHexMin = 8;  // digits: shorter values hold no secret, and are mostly numbers

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Appends the bytes that a hexadecimal text stands for, NULs as spaces; false, and nothing appended, when it is none.
bool append_decoded(std::string_view text, std::string& out) {
  if (text.size() < kHexMin || text.size() % 2 != 0) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; })) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const char byte = static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
    out += byte == '\0' ? ' ' : byte;
  }
  return true;
}

/// Replaces what must not leave the host. When anything in an event was replaced, its event.original, which holds the
/// same once more in a form that patterns may miss, is replaced as a whole, and so are the bytes of auditd.bytes.
class Redact final : public Processor {
 public:
  Redact(std::vector<FieldRef> refs, std::vector<std::unique_ptr<RE2>> patterns, std::string replacement)
      : refs_(std::move(refs)), patterns_(std::move(patterns)), replacement_(std::move(replacement)) {}

  Verdict process(Event& event) override {
    bool changed = false;
    for (const FieldRef& ref : refs_) changed = redact(event, ref) || changed;
    if (event.has(FieldId::kEventOriginal) && (changed || finds_in(event.text(FieldId::kEventOriginal)))) {
      event.set_view(FieldId::kEventOriginal, replacement_);
    }
    if (changed && event.has(FieldId::kAuditdBytes)) {
      for (Event::Entry& entry : rewrite_.take(event, FieldId::kAuditdBytes))
        entry.value = Value(std::string_view(replacement_));
      rewrite_.put_back(event, FieldId::kAuditdBytes);
    }
    return Verdict::keep;
  }

 private:
  /// Where an entry's text lies in joined_.
  struct Part {
    size_t entry, begin, end;
  };
  struct Range {
    size_t begin, end;
  };

  bool finds_in(std::string_view text) {
    joined_ = text;
    find_ranges();
    return !ranges_.empty();
  }

  bool redact(Event& event, const FieldRef& ref) {
    if (!event.has(ref.id)) return false;
    std::vector<Event::Entry>& entries = rewrite_.take(event, ref.id);
    join(entries, ref);
    find_ranges();
    if (ranges_.empty()) return false;
    for (const Part& part : parts_) replace_in(event, part, entries[part.entry]);
    rewrite_.put_back(event, ref.id);
    return true;
  }

  void join(const std::vector<Event::Entry>& entries, const FieldRef& ref) {
    joined_.clear();
    parts_.clear();
    const FieldType type = field_info(ref.id).type;
    const bool of_records = type == FieldType::map || type == FieldType::objects;
    for (size_t i = 0; i < entries.size(); ++i) {
      const Value& value = entries[i].value;
      if (value.kind() != Value::Kind::text || !ref.covers(entries[i])) continue;
      if (!joined_.empty()) joined_ += ' ';
      const size_t begin = joined_.size();
      if (!of_records || !append_decoded(value.text(), joined_)) joined_ += value.text();
      parts_.push_back({i, begin, joined_.size()});
    }
  }

  /// What the patterns find in joined_, in order, without overlaps.
  void find_ranges() {
    ranges_.clear();
    const re2::StringPiece text(joined_);
    for (const auto& pattern : patterns_) {
      const bool group = pattern->NumberOfCapturingGroups() > 0;
      std::array<re2::StringPiece, 2> found;
      size_t from = 0;
      while (from <= joined_.size() &&
             pattern->Match(text, from, joined_.size(), RE2::UNANCHORED, found.data(), group ? 2 : 1)) {
        const re2::StringPiece& what = group && found[1].data() != nullptr ? found[1] : found[0];
        const auto begin = static_cast<size_t>(what.data() - joined_.data());
        if (!what.empty()) ranges_.push_back({begin, begin + what.size()});
        const auto end = static_cast<size_t>(found[0].data() - joined_.data()) + found[0].size();
        from = end > from ? end : from + 1;
      }
    }
    std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    size_t kept = 0;
    for (size_t i = 1; i < ranges_.size(); ++i) {
      if (ranges_[i].begin <= ranges_[kept].end) {
        ranges_[kept].end = std::max(ranges_[kept].end, ranges_[i].end);
      } else {
        ranges_[++kept] = ranges_[i];
      }
    }
    if (!ranges_.empty()) ranges_.resize(kept + 1);
  }

  void replace_in(Event& event, const Part& part, Event::Entry& entry) {
    size_t at = part.begin;
    bool changed = false;
    out_.clear();
    for (const Range& range : ranges_) {
      if (range.end <= part.begin || range.begin >= part.end) continue;
      const size_t begin = std::max(range.begin, part.begin);
      out_.append(joined_, at, begin - at);
      out_ += replacement_;
      at = std::min(range.end, part.end);
      changed = true;
    }
    if (!changed) return;
    out_.append(joined_, at, part.end - at);
    entry.value = Value(event.arena().copy(out_));
  }

  const std::vector<FieldRef> refs_;
  const std::vector<std::unique_ptr<RE2>> patterns_;
  const std::string replacement_;
  Rewrite rewrite_;
  std::vector<Part> parts_;
  std::vector<Range> ranges_;
  std::string joined_, out_;
};

bool is_text(FieldId id) {
  const FieldType type = field_info(id).type;
  return type == FieldType::keyword || type == FieldType::wildcard || type == FieldType::match_only_text ||
         type == FieldType::map || type == FieldType::objects;
}

Result<std::unique_ptr<Processor>> make(const Settings& settings) {
  std::vector<FieldRef> refs;
  for (const std::string& name : settings.list("fields")) {
    auto found = resolve_fields(name);
    if (!found) return tl::unexpected(found.error());
    std::erase_if(*found, [](const FieldRef& ref) { return !is_text(ref.id) || is_essential(ref.id); });
    if (found->empty()) return fail(Errc::config, "field '" + name + "' holds no text that can be redacted");
    refs.insert(refs.end(), found->begin(), found->end());
  }
  std::vector<std::unique_ptr<RE2>> patterns;
  for (const std::string& text : settings.list("patterns")) {
    auto pattern = std::make_unique<RE2>(text, RE2::Quiet);
    if (!pattern->ok())
      return fail(Errc::config, "'" + text + "' is no regular expression of RE2: " + pattern->error());
    patterns.push_back(std::move(pattern));
  }
  return std::make_unique<Redact>(std::move(refs), std::move(patterns), settings.text("replacement"));
}

constexpr Component<Processor> kComponent{.name = "redact",
                                          .summary = "Replaces what matches patterns, such as passwords in arguments.",
                                          .options = kOptions,
                                          .make = make};
const Register<Processor> kRegistered(kComponent);

}  // namespace
}  // namespace acta
