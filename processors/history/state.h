#pragma once
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <vector>

namespace acta::history {

/// Writes the members of a state one after the other, as one JSON list.
class StateWriter {
 public:
  explicit StateWriter(rapidjson::Writer<rapidjson::StringBuffer>& out) : out_(out) {}
  bool member(const std::string& text) {
    return out_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  bool member(int64_t number) { return out_.Int64(number); }
  bool member(bool is) { return out_.Bool(is); }
  bool member(const std::vector<std::string>& list) {
    out_.StartArray();
    for (const std::string& text : list) member(text);
    return out_.EndArray();
  }

 private:
  rapidjson::Writer<rapidjson::StringBuffer>& out_;
};

/// Reads them back in the same order; false when the next one is not of that type.
class StateReader {
 public:
  explicit StateReader(const rapidjson::Value& list) : list_(list) {}
  bool member(std::string& text) { return read(next(), text); }
  bool member(int64_t& number) {
    const rapidjson::Value* value = next();
    if (value == nullptr || !value->IsInt64()) return false;
    number = value->GetInt64();
    return true;
  }
  bool member(bool& is) {
    const rapidjson::Value* value = next();
    if (value == nullptr || !value->IsBool()) return false;
    is = value->GetBool();
    return true;
  }
  bool member(std::vector<std::string>& list) {
    const rapidjson::Value* value = next();
    if (value == nullptr || !value->IsArray()) return false;
    for (const rapidjson::Value& item : value->GetArray()) {
      if (!read(&item, list.emplace_back())) return false;
    }
    return true;
  }

 private:
  static bool read(const rapidjson::Value* value, std::string& text) {
    if (value == nullptr || !value->IsString()) return false;
    text.assign(value->GetString(), value->GetStringLength());
    return true;
  }
  const rapidjson::Value* next() { return list_.IsArray() && at_ < list_.Size() ? &list_[at_++] : nullptr; }

  const rapidjson::Value& list_;
  rapidjson::SizeType at_ = 0;
};

/// Writes a list of items, each as the list of the members that its members() names.
template <class Items>
void write_items(rapidjson::Writer<rapidjson::StringBuffer>& out, const Items& items) {
  out.StartArray();
  for (const auto& item : items) {
    StateWriter writer(out);
    out.StartArray();
    item.members(item, [&](const auto&... member) { return (writer.member(member) && ...); });
    out.EndArray();
  }
  out.EndArray();
}

/// Reads it back; false when it is no such list, or longer than `most`.
template <class Items>
bool read_items(const rapidjson::Value& list, size_t most, Items& items) {
  if (!list.IsArray() || list.Size() > most) return false;
  for (const rapidjson::Value& value : list.GetArray()) {
    StateReader reader(value);
    auto& item = items.emplace_back();
    if (!item.members(item, [&](auto&... member) { return (reader.member(member) && ...); })) return false;
  }
  return true;
}

}  // namespace acta::history
