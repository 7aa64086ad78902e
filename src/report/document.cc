#include "report/document.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>

#include <charconv>
#include <chrono>

namespace acta::report {
namespace {

constexpr size_t kPoolBytes = 256u << 10;  // of values; a document of 64 KB needs about as much

// Iterative: what is nested without end must not use up the stack. Invalid UTF-8 stays as it is.
constexpr unsigned kParseFlags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag;

bool digits(std::string_view text, size_t at, size_t count, int64_t& value) {
  if (text.size() < at + count) return false;
  const char* const first = text.data() + at;
  const auto read = std::from_chars(first, first + count, value);
  return read.ec == std::errc{} && read.ptr == first + count && *first != '-';
}

}  // namespace

Document::Document() : room_(kPoolBytes), pool_(room_.data(), room_.size()), json_(&pool_) {
  json_.SetObject();
}

Result<> Document::parse(char* json) {
  json_.SetNull();
  pool_.Clear();
  json_.ParseInsitu<kParseFlags>(json);
  if (json_.HasParseError()) {
    const auto text =
        fmt::format("{} At byte {}.", rapidjson::GetParseError_En(json_.GetParseError()), json_.GetErrorOffset());
    json_.SetObject();
    return fail(Errc::corrupt, text);
  }
  if (!json_.IsObject()) {
    json_.SetObject();
    return fail(Errc::corrupt, "It is no JSON object.");
  }
  return {};
}

void Document::refer(const Value& object) {
  json_.SetNull();
  pool_.Clear();
  json_.CopyFrom(object, pool_);
}

const Document::Value* Document::find(const Value& object, std::string_view path) {
  const Value* value = &object;
  for (;;) {
    if (!value->IsObject()) return nullptr;
    const std::string_view name = path.substr(0, path.find('.'));
    const auto member =
        value->FindMember(Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
    if (member == value->MemberEnd()) return nullptr;
    value = &member->value;
    if (name.size() == path.size()) return value;
    path.remove_prefix(name.size() + 1);
  }
}

std::string_view Document::text(const Value* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

std::optional<int64_t> Document::number(std::string_view path) const {
  const Value* value = find(path);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

bool Document::is_true(std::string_view path) const {
  const Value* value = find(path);
  return value != nullptr && value->IsBool() && value->GetBool();
}

std::vector<std::string_view> Document::texts(std::string_view path) const {
  std::vector<std::string_view> found;
  const Value* value = find(path);
  if (value == nullptr) return found;
  if (value->IsString()) found.push_back(text(value));
  if (!value->IsArray()) return found;
  for (const Value& item : value->GetArray()) {
    if (item.IsString()) found.push_back(text(&item));
  }
  return found;
}

std::string_view Document::dataset() const {
  const std::string_view named = text("event.dataset");
  return named.empty() ? text("data_stream.dataset") : named;
}

std::string_view Document::host() const {
  for (const char* path : {"host.name", "host.hostname", "host.id"}) {
    if (const std::string_view name = text(path); !name.empty()) return name;
  }
  return {};
}

std::optional<Nanos> Document::timestamp() const {
  return parse_time(text("@timestamp"));
}

std::optional<Nanos> parse_time(std::string_view text) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day)) return std::nullopt;
  if (!digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || !text.ends_with("Z")) return std::nullopt;
  const int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  Nanos time = (((days * 24 + hour) * 60 + minute) * 60 + second) * kSecond;
  if (text.size() == 20) return time;
  const size_t count = text.size() - 21;
  int64_t fraction = 0;
  if (text[19] != '.' || count == 0 || count > 9 || !digits(text, 20, count, fraction)) return std::nullopt;
  for (size_t i = count; i < 9; ++i) fraction *= 10;
  return time + fraction;
}

}  // namespace acta::report
