#pragma once
#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace acta::report {

/// One document of ours, read from JSON. Fields are named by their dotted path in ECS: "user.id", "auditd.data.auid".
/// Reused for document after document: it allocates only for those that are larger than all before. One thread.
class Document {
 public:
  using Value = rapidjson::Value;

  Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Reads the JSON object that `json` (ended by a zero byte) holds. In place: the text is changed, and must live as
  /// long as what is asked of the document. Errc::corrupt says what is wrong at which byte; then the document is empty.
  Result<> parse(char* json);

  /// Becomes a copy of a JSON object whose texts it refers to: they must live as long as what is asked of it.
  void refer(const Value& object);

  /// The value at a path, or null. Views and pointers hold until the next parse().
  [[nodiscard]] const Value* find(std::string_view path) const { return find(json_, path); }
  /// The same below a value that is an object; null where it is none.
  static const Value* find(const Value& object, std::string_view path);

  /// The text at a path; empty when there is none, or no text.
  [[nodiscard]] std::string_view text(std::string_view path) const { return text(find(path)); }
  static std::string_view text(const Value* value);
  [[nodiscard]] bool has(std::string_view path) const { return find(path) != nullptr; }
  /// The number at a path; a text of digits is none.
  [[nodiscard]] std::optional<int64_t> number(std::string_view path) const;
  [[nodiscard]] bool is_true(std::string_view path) const;
  /// The texts of a list, or the one text; none where the path has neither.
  [[nodiscard]] std::vector<std::string_view> texts(std::string_view path) const;

  /// "actabeat.audit": event.dataset, or data_stream.dataset where that is missing.
  [[nodiscard]] std::string_view dataset() const;
  /// host.name, or host.hostname or host.id where it is missing; empty without any of them.
  [[nodiscard]] std::string_view host() const;
  /// @timestamp in nanoseconds since 1970; none when it is missing or no time.
  [[nodiscard]] std::optional<Nanos> timestamp() const;

  /// The whole document, for what none of the above gives.
  [[nodiscard]] const Value& json() const { return json_; }

 private:
  std::vector<char> room_;
  rapidjson::MemoryPoolAllocator<> pool_;
  rapidjson::Document json_;
};

/// Nanoseconds since 1970 of "2026-11-23T02:37:12.978Z", with up to nine digits behind the point; none when it is no
/// such text.
std::optional<Nanos> parse_time(std::string_view text);

}  // namespace acta::report
