#include "pipeline/registry.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <xxhash.h>

#include <algorithm>

#include "base/log.h"

namespace acta {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;
using Value = rapidjson::Value;

constexpr std::string_view kComponent = "registry";

// ---- writing

void write_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}
void write_text(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_position(Writer& out, std::string_view key, Position position) {
  write_key(out, key);
  out.StartArray();
  out.Uint64(position.file);
  out.Uint64(position.offset);
  out.EndArray();
}

void write_mark(Writer& out, const FileMark& mark) {
  const auto number = [&](std::string_view key, uint64_t value) {
    write_key(out, key);
    out.Uint64(value);
  };
  out.StartObject();
  number("number", mark.number);
  write_key(out, "fingerprint");
  write_text(out, mark.fingerprint);
  number("inode", mark.inode);
  number("device", mark.device);
  write_key(out, "path");
  write_text(out, mark.path);
  number("begin", mark.begin);
  number("end", mark.end);
  out.EndObject();
}

void write_cursor(Writer& out, const Cursor& cursor) {
  out.StartObject();
  write_position(out, "at", cursor.at);
  write_position(out, "read_to", cursor.read_to);
  write_key(out, "files");
  out.StartArray();
  for (const FileMark& mark : cursor.files) write_mark(out, mark);
  out.EndArray();
  write_key(out, "skip");
  out.StartArray();
  for (const SkipRange& range : cursor.skip) {
    out.StartArray();
    for (const uint64_t n : {range.key, range.begin.file, range.begin.offset, range.end.file, range.end.offset})
      out.Uint64(n);
    out.EndArray();
  }
  out.EndArray();
  if (!cursor.state.empty()) {
    write_key(out, "state");
    write_text(out, cursor.state);
  }
  out.EndObject();
}

// ---- reading: each false or nullptr when the value is not what it should be

const Value* member(const Value& object, const char* key) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

bool read_number(const Value& object, const char* key, uint64_t& into) {
  const Value* value = member(object, key);
  if (value == nullptr || !value->IsUint64()) return false;
  into = value->GetUint64();
  return true;
}

bool read_text(const Value& object, const char* key, std::string& into) {
  const Value* value = member(object, key);
  if (value == nullptr || !value->IsString()) return false;
  into.assign(value->GetString(), value->GetStringLength());
  return true;
}

bool read_numbers(const Value& value, std::span<uint64_t> into) {
  if (!value.IsArray() || value.Size() != into.size()) return false;
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    if (!value[i].IsUint64()) return false;
    into[i] = value[i].GetUint64();
  }
  return true;
}

bool read_position(const Value& object, const char* key, Position& into) {
  const Value* value = member(object, key);
  uint64_t numbers[2];
  if (value == nullptr || !read_numbers(*value, numbers)) return false;
  into = {numbers[0], numbers[1]};
  return true;
}

bool read_mark(const Value& value, FileMark& mark) {
  return read_number(value, "number", mark.number) && read_text(value, "fingerprint", mark.fingerprint) &&
         read_number(value, "inode", mark.inode) && read_number(value, "device", mark.device) &&
         read_text(value, "path", mark.path) && read_number(value, "begin", mark.begin) &&
         read_number(value, "end", mark.end);
}

bool read_skip(const Value& value, SkipRange& range) {
  uint64_t numbers[5];
  if (!read_numbers(value, numbers)) return false;
  range = {.key = numbers[0], .begin = {numbers[1], numbers[2]}, .end = {numbers[3], numbers[4]}};
  return true;
}

template <class T>
bool read_list(const Value& object, const char* key, bool (*read)(const Value&, T&), std::vector<T>& into) {
  const Value* list = member(object, key);
  if (list == nullptr || !list->IsArray()) return false;
  for (const Value& value : list->GetArray()) {
    if (!read(value, into.emplace_back())) return false;
  }
  return true;
}

bool read_cursor(const Value& value, Cursor& cursor) {
  if (member(value, "state") != nullptr && !read_text(value, "state", cursor.state)) return false;
  return read_position(value, "at", cursor.at) && read_position(value, "read_to", cursor.read_to) &&
         read_list(value, "files", read_mark, cursor.files) && read_list(value, "skip", read_skip, cursor.skip);
}

}  // namespace

std::string input_id(std::string_view type, std::span<const std::string> paths, std::string_view configured) {
  if (!configured.empty()) return std::string(configured);
  std::vector<std::string_view> sorted(paths.begin(), paths.end());
  std::sort(sorted.begin(), sorted.end());
  std::string all;
  for (const std::string_view path : sorted) all.append(path).push_back('\0');
  return fmt::format("{}-{:016x}", type, XXH3_64bits(all.data(), all.size()));
}

Result<CursorRegistry> CursorRegistry::load(Fs& fs, std::string path) {
  CursorRegistry registry(fs, std::move(path));
  auto text = read_file(fs, registry.path_, kBytesMax);
  if (!text) {
    if (text.error().sys == ENOENT) return registry;
    if (text.error().code != Errc::unsupported) return tl::unexpected(text.error());
  }
  const Result<> parsed = text ? registry.parse(*text) : tl::unexpected(text.error());
  if (parsed) {
    registry.on_disk_ = std::move(*text);
    return registry;
  }
  if (text && parsed.error().code == Errc::unsupported) return tl::unexpected(parsed.error());
  const std::string aside = registry.path_ + ".damaged";
  if (auto moved = fs.rename(registry.path_, aside); !moved) return tl::unexpected(moved.error());
  log::error(kComponent,
             fmt::format("{} is damaged ({}); it is kept as {}. All inputs start over from their oldest files: "
                         "documents sent before come again with the ids they had",
                         registry.path_, parsed.error().what, aside));
  registry.cursors_.clear();
  return registry;
}

Result<> CursorRegistry::parse(std::string_view text) {
  rapidjson::Document document;
  // Iterative: a damaged file must not be able to exhaust the stack.
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError()) {
    return fail(Errc::corrupt, fmt::format("offset {}: {}", document.GetErrorOffset(),
                                           rapidjson::GetParseError_En(document.GetParseError())));
  }
  uint64_t version = 0;
  if (!read_number(document, "version", version) || version == 0) return fail(Errc::corrupt, "it has no version");
  if (version > kVersion) {
    return fail(Errc::unsupported,
                fmt::format("{} is of version {}, written by a newer actabeat; this one reads up to version {}. "
                            "Run the newer one, or move the file away to start over from the oldest files",
                            path_, version, kVersion));
  }
  const Value* inputs = member(document, "inputs");
  if (inputs == nullptr || !inputs->IsObject()) return fail(Errc::corrupt, "it has no inputs");
  for (const auto& entry : inputs->GetObject()) {
    const std::string id(entry.name.GetString(), entry.name.GetStringLength());
    if (!read_cursor(entry.value, cursors_[id]))
      return fail(Errc::corrupt, fmt::format("the entry of {} is not a cursor", id));
  }
  return {};
}

const Cursor* CursorRegistry::find(std::string_view id) const {
  const auto found = cursors_.find(id);
  return found == cursors_.end() ? nullptr : &found->second;
}

void CursorRegistry::set(std::string_view id, Cursor cursor) {
  cursors_.insert_or_assign(std::string(id), std::move(cursor));
}

std::string CursorRegistry::print() const {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  write_key(out, "version");
  out.Uint64(kVersion);
  write_key(out, "inputs");
  out.StartObject();
  for (const auto& [id, cursor] : cursors_) {
    write_key(out, id);
    write_cursor(out, cursor);
  }
  out.EndObject();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<> CursorRegistry::save() {
  std::string text = print();
  if (text == on_disk_) return {};
  if (auto replaced = replace_file(*fs_, path_, text); !replaced) return replaced;
  on_disk_ = std::move(text);
  return {};
}

}  // namespace acta
