#pragma once
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "processors/audit/record.h"

namespace acta::test {
namespace detail {

inline bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// Text between two views. Words that the grammar itself has: "msg='", "avc:  denied  { } for", "old auid=", "new ses=".
inline bool is_grammar(std::string_view text) {
  constexpr std::array<std::string_view, 7> kWords{"msg", "avc", "for", "old", "new", "auid", "ses"};
  constexpr std::string_view kPunctuation = " =\"',(){}:";
  while (!text.empty()) {
    const size_t start = text.find_first_not_of(kPunctuation);
    if (start == std::string_view::npos) return true;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(kPunctuation));
    if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) return false;
    text.remove_prefix(word.size());
  }
  return true;
}

}  // namespace detail

/// Whether the views of a record lie in its line, and its numbers in their ranges.
inline bool head_is_sound(const audit::Record& record) {
  for (const std::string_view part : {record.key.node, record.type_name, record.body, record.enriched}) {
    if (!detail::inside(part, record.line)) return false;
  }
  return record.key.second >= 0 && record.key.millisecond < 1000 && record.key.time() >= 0 && hash(record.key) != 0;
}

/// Whether the fields are views into `text`, in order and without overlap, and leave out nothing but spaces, the
/// punctuation of the grammar and its own words.
inline bool fields_are_sound(std::string_view text, const std::vector<audit::Field>& fields) {
  const char* at = text.data();
  const auto take = [&](std::string_view part) {
    if (part.empty()) return true;
    if (!detail::inside(part, text) || part.data() < at) return false;
    if (!detail::is_grammar({at, static_cast<size_t>(part.data() - at)})) return false;
    at = part.data() + part.size();
    return true;
  };
  for (const audit::Field& field : fields) {
    const bool key_printed = field.key.data() >= text.data() && field.key.data() < text.data() + text.size();
    if (key_printed && !take(field.key)) return false;
    if (!take(field.value)) return false;
  }
  return detail::is_grammar({at, static_cast<size_t>(text.data() + text.size() - at)});
}

}  // namespace acta::test
