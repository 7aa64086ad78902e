#include "sys/audit/saved_state.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>

#include "base/log.h"
#include "sys/hex.h"

namespace acta::kaudit {
namespace {

constexpr std::string_view kComponent = "audit_netlink";
constexpr const char* kFoundName = "found.json";
constexpr const char* kAppendedName = "appended.json";
constexpr size_t kBytesMax = 64u << 20;

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// The members of Status that are kept, by name.
struct StatusField {
  const char* name;
  uint32_t Status::*member;
};
constexpr StatusField kStatusFields[] = {{"enabled", &Status::enabled},
                                         {"failure", &Status::failure},
                                         {"rate_limit", &Status::rate_limit},
                                         {"backlog_limit", &Status::backlog_limit},
                                         {"backlog_wait_time", &Status::wait_time}};

void write_text(Writer& out, const char* key, const std::string& text) {
  out.Key(key);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_number(Writer& out, const char* key, int64_t number) {
  out.Key(key);
  out.Int64(number);
}

void write_rules(Writer& out, const char* key, const std::vector<RuleBytes>& rules) {
  out.Key(key);
  out.StartArray();
  for (const RuleBytes& rule : rules) {
    const std::string hex = to_hex(rule);
    out.String(hex.data(), static_cast<rapidjson::SizeType>(hex.size()));
  }
  out.EndArray();
}

bool read_text(const rapidjson::Value& object, const char* key, std::string& into) {
  const auto found = object.FindMember(key);
  if (found == object.MemberEnd() || !found->value.IsString()) return false;
  into.assign(found->value.GetString(), found->value.GetStringLength());
  return true;
}

template <class T>
bool read_number(const rapidjson::Value& object, const char* key, T& into) {
  const auto found = object.FindMember(key);
  if (found == object.MemberEnd() || !found->value.IsInt64()) return false;
  into = static_cast<T>(found->value.GetInt64());
  return true;
}

bool read_rules(const rapidjson::Value& object, const char* key, std::vector<RuleBytes>& into) {
  const auto found = object.FindMember(key);
  if (found == object.MemberEnd() || !found->value.IsArray()) return false;
  for (const auto& item : found->value.GetArray()) {
    RuleBytes rule;
    if (!item.IsString() || !from_hex({item.GetString(), item.GetStringLength()}, rule)) return false;
    into.push_back(std::move(rule));
  }
  return true;
}

std::optional<Found> parse_found(const std::string& text) {
  rapidjson::Document document;
  Found found;
  if (document.Parse(text.data(), text.size()).HasParseError() || !document.IsObject()) return std::nullopt;
  bool good = read_text(document, "boot_id", found.boot_id) && read_number(document, "changed", found.changed) &&
              read_rules(document, "added", found.added) && read_rules(document, "removed", found.removed);
  for (const StatusField& field : kStatusFields)
    good = good && read_number(document, field.name, found.status.*field.member);
  return good ? std::optional(found) : std::nullopt;
}

}  // namespace

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::optional<std::string> SavedState::read(const std::string& name) {
  auto text = read_file(*fs_, directory_ + "/" + name, kBytesMax);
  if (text) return std::move(*text);
  if (text.error().sys != ENOENT) log::warning(kComponent, text.error().what);
  return std::nullopt;
}

Result<> SavedState::write(const std::string& name, std::string_view content) {
  if (auto made = fs_->make_dirs(directory_); !made) return made;
  return replace_file(*fs_, directory_ + "/" + name, content);
}

std::optional<Found> SavedState::found() {
  const auto text = read(kFoundName);
  if (!text) return std::nullopt;
  auto found = parse_found(*text);
  if (!found) log::warning(kComponent, directory_ + "/" + kFoundName + " cannot be understood: nothing is put back");
  return found;
}

Result<> SavedState::save(const Found& found) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  write_text(out, "boot_id", found.boot_id);
  write_number(out, "changed", found.changed);
  for (const StatusField& field : kStatusFields) write_number(out, field.name, found.status.*field.member);
  write_rules(out, "added", found.added);
  write_rules(out, "removed", found.removed);
  out.EndObject();
  return write(kFoundName, {buffer.GetString(), buffer.GetSize()});
}

Result<> SavedState::forget_found() {
  if (auto there = fs_->stat(directory_ + "/" + kFoundName); !there) return {};
  if (auto removed = fs_->remove(directory_ + "/" + kFoundName); !removed) return removed;
  return fs_->sync_dir(directory_);
}

std::optional<Appended> SavedState::appended() {
  const auto text = read(kAppendedName);
  if (!text) return std::nullopt;
  rapidjson::Document document;
  Appended appended;
  const bool good = !document.Parse(text->data(), text->size()).HasParseError() && document.IsObject() &&
                    read_text(document, "boot_id", appended.boot_id) &&
                    read_number(document, "serial", appended.serial) && read_number(document, "lost", appended.lost) &&
                    read_number(document, "time", appended.time);
  if (good) return appended;
  log::warning(kComponent, directory_ + "/" + kAppendedName + " cannot be understood: a gap before now is not known");
  return std::nullopt;
}

Result<> SavedState::save(const Appended& appended) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  write_text(out, "boot_id", appended.boot_id);
  write_number(out, "serial", appended.serial);
  write_number(out, "lost", appended.lost);
  write_number(out, "time", appended.time);
  out.EndObject();
  return write(kAppendedName, {buffer.GetString(), buffer.GetSize()});
}

}  // namespace acta::kaudit
