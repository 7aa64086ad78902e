#include "event/json_fields.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace acta {
namespace {

/// Keeps the dotted name of where the reader stands. RapidJSON names these functions.
class Handler {
 public:
  Handler(const std::vector<std::string>& names, std::vector<std::optional<std::string>>& values)
      : names_(names), values_(values) {
    for (const std::string& name : names) longest_ = std::max(longest_, name.size());
  }

  [[nodiscard]] bool is_object() const { return is_object_; }

  bool Null() { return done(); }
  bool Bool(bool value) { return value_is(value ? "true" : "false"); }
  // Numbers come as they are written; these are for readers that make numbers of them.
  bool Int(int) { return done(); }
  bool Uint(unsigned) { return done(); }
  bool Int64(int64_t) { return done(); }
  bool Uint64(uint64_t) { return done(); }
  bool Double(double) { return done(); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return value_is({text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) { return value_is({text, size}); }
  bool StartObject() {
    if (ends_.empty()) is_object_ = true;
    ends_.push_back(path_.size());
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    path_.resize(ends_.back());
    if (path_.size() > longest_) {  // nothing below can have one of the names
      path_.push_back('.');
      return true;
    }
    if (ends_.size() > 1) path_.push_back('.');
    path_.append(text, std::min<size_t>(size, longest_ + 1));
    return true;
  }
  bool EndObject(rapidjson::SizeType) {
    path_.resize(ends_.back());
    ends_.pop_back();
    return true;
  }
  bool StartArray() {
    if (ends_.empty()) return false;  // a document is an object
    return true;
  }
  bool EndArray(rapidjson::SizeType) { return true; }

 private:
  bool done() const { return !ends_.empty(); }

  bool value_is(std::string_view text) {
    if (ends_.empty()) return false;
    for (size_t i = 0; i < names_.size(); ++i) {
      if (!values_[i] && names_[i] == path_) values_[i].emplace(text);
    }
    return true;
  }

  const std::vector<std::string>& names_;
  std::vector<std::optional<std::string>>& values_;
  size_t longest_ = 0;
  std::string path_;
  std::vector<size_t> ends_;  // of the path, where each open object stands
  bool is_object_ = false;
};

}  // namespace

Result<> JsonFields::read(std::string_view json) {
  for (auto& value : values_) value.reset();
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  Handler handler(names_, values_);
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult parsed = reader.Parse<kFlags>(stream, handler);
  // The parser takes a NUL for the end.
  if (parsed && stream.Tell() < json.size())
    return fail(Errc::corrupt, fmt::format("not JSON: something follows the object at byte {}.", stream.Tell()));
  if (parsed && handler.is_object()) return {};
  if (!parsed && parsed.Code() != rapidjson::kParseErrorTermination)
    return fail(Errc::corrupt,
                fmt::format("not JSON: {} At byte {}.", rapidjson::GetParseError_En(parsed.Code()), parsed.Offset()));
  return fail(Errc::corrupt, "JSON, but not an object");
}

std::optional<std::string_view> JsonFields::operator[](size_t i) const {
  return values_[i] ? std::optional<std::string_view>(*values_[i]) : std::nullopt;
}

}  // namespace acta
