#pragma once
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>
#include <vector>

namespace acta::report {

/// One JSON object on a line, for --format json: names and values in the order given. Bytes that are not UTF-8 are put
/// as they are.
class JsonLine {
 public:
  JsonLine() : writer_(buffer_) { writer_.StartObject(); }

  JsonLine& text(std::string_view name, std::string_view value) {
    key(name);
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    return *this;
  }
  JsonLine& number(std::string_view name, int64_t value) {
    key(name);
    writer_.Int64(value);
    return *this;
  }
  /// A number as it is printed: of as many digits as say something.
  JsonLine& decimal(std::string_view name, const std::string& digits) {
    key(name);
    writer_.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
    return *this;
  }
  JsonLine& flag(std::string_view name, bool value) {
    key(name);
    writer_.Bool(value);
    return *this;
  }
  JsonLine& texts(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    writer_.StartArray();
    for (const std::string& value : values)
      writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    writer_.EndArray();
    return *this;
  }
  /// Ends the object; nothing may be added after.
  std::string line() {
    writer_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

/// Remarks as such objects, each without its line end.
inline std::vector<std::string> json_remarks(const std::vector<std::string>& remarks) {
  std::vector<std::string> lines;
  for (const std::string& remark : remarks) {
    lines.push_back(JsonLine().text("report", "remark").text("text", remark).line());
    lines.back().pop_back();
  }
  return lines;
}

}  // namespace acta::report
