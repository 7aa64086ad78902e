#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acta::report::audit {

/// Reads a record from left to right the way the audit tools do: each field is searched for behind the one before, by
/// its text alone, so that "pid=" is found in "ppid=" too. A field that is not there leaves the place as it was.
class Scan {
 public:
  explicit Scan(std::string_view text, size_t at = 0) : text_(text), at_(at < text.size() ? at : text.size()) {}

  /// Goes behind the next `key`; false when there is none.
  bool find(std::string_view key) {
    const size_t found = text_.find(key, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + key.size();
    return true;
  }
  /// The byte before the key that find() found; a space at the beginning.
  [[nodiscard]] char before(std::string_view key) const { return at_ > key.size() ? text_[at_ - key.size() - 1] : ' '; }

  /// The text up to `end`, to which it goes; none, and the place stays, when `end` does not follow.
  std::optional<std::string_view> up_to(char end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return std::nullopt;
    const std::string_view value = text_.substr(at_, found - at_);
    at_ = found;
    return value;
  }
  /// The same, or all that is left when it does not follow; the place stays then.
  std::string_view up_to_or_rest(char end) {
    const auto value = up_to(end);
    return value ? *value : rest();
  }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] bool at(char byte) const { return at_ < text_.size() && text_[at_] == byte; }
  void skip(size_t bytes) { at_ = at_ + bytes < text_.size() ? at_ + bytes : text_.size(); }
  void restart() { at_ = 0; }
  [[nodiscard]] size_t place() const { return at_; }
  void go(size_t place) { at_ = place; }

 private:
  std::string_view text_;
  size_t at_;
};

/// A number as strtoul(3) reads it, cut to 32 bits: "4294967295" and "-1" are the same.
uint32_t to_id(std::string_view text);
/// A number in the base 10 or 16 as strtoull(3) reads it.
uint64_t to_number(std::string_view text, int base);
/// The bytes that the hex digits at the beginning of `text` say, up to the first that is zero; what stands in
/// parentheses there as it is; none when it begins with neither.
std::optional<std::string> unescape(std::string_view text);

}  // namespace acta::report::audit
