#include "spool/reader_file.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <zlib.h>

#include "event/encoder.h"
#include "spool/frame.h"

namespace acta::spool {
namespace {

constexpr unsigned kReaderVersion = 1;

std::string crc_of(unsigned version, std::string_view name, uint64_t committed) {
  const std::string text = fmt::format("{}:{}:{}", version, name, committed);
  return fmt::format("{:08x}", crc32_z(0, reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

}  // namespace

Result<> write_reader_file(Fs& fs, const std::string& directory, const ReaderFile& reader) {
  std::string name;
  append_json_string(reader.name, name);
  const std::string content =
      fmt::format("{{\"version\":{},\"name\":{},\"committed\":{},\"crc\":\"{}\"}}\n", kReaderVersion, name,
                  reader.committed, crc_of(kReaderVersion, reader.name, reader.committed));
  return replace_file(fs, directory + "/" + reader.name + std::string(kReaderSuffix), content);
}

Result<ReaderFile> parse_reader_file(std::string_view name, std::string_view content) {
  const auto bad = [&](std::string_view why) {
    return fail(Errc::corrupt, fmt::format("reader file of {}: {}", name, why));
  };
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(content.data(), content.size());
  if (json.HasParseError() || !json.IsObject()) return bad("is not JSON");
  const auto member = [&](const char* key) { return json.FindMember(key); };
  const auto none = json.MemberEnd();
  const auto version = member("version"), named = member("name"), committed = member("committed"), crc = member("crc");
  if (version == none || !version->value.IsUint()) return bad("says no version");
  if (version->value.GetUint() > kReaderVersion)
    return fail(Errc::unsupported, fmt::format("reader file of {}: of a newer version", name));
  if (named == none || !named->value.IsString() || committed == none || !committed->value.IsUint64() || crc == none ||
      !crc->value.IsString()) {
    return bad("lacks members");
  }
  ReaderFile reader{.name = std::string(named->value.GetString(), named->value.GetStringLength()),
                    .committed = committed->value.GetUint64()};
  const std::string_view said(crc->value.GetString(), crc->value.GetStringLength());
  if (reader.name != name) return bad("is another reader's");
  if (reader.committed > kOffsetMax) return bad("names a place that cannot be");
  if (said != crc_of(version->value.GetUint(), reader.name, reader.committed)) return bad("has a wrong checksum");
  return reader;
}

}  // namespace acta::spool
