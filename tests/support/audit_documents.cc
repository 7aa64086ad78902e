#include "support/audit_documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

#include "event/encoder.h"

namespace acta::test {
namespace {

constexpr Nanos kReadAt = 1'700'000'000 * kSecond;

class Collector final : public EventSink {
 public:
  Collector(AuditDocuments& documents, const std::function<void(Event&)>& look) : documents_(documents), look_(look) {}
  void emit(Event& event, const Provenance& provenance) override {
    if (look_) look_(event);
    std::string json;
    Encoder::encode(event, json);
    documents_.json.push_back(std::move(json));
    documents_.records += provenance.records;
  }
  void duplicates(uint16_t, uint64_t records) override { documents_.duplicates += records; }

 private:
  AuditDocuments& documents_;
  const std::function<void(Event&)>& look_;
};

size_t number(std::string_view digits) {
  size_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

HostInfo host_named(const std::string& name) {
  HostInfo host;
  host.id = "00000000000000000000000000000001";
  host.name = host.hostname = name;
  host.architecture = "x86_64";
  host.os_kernel = "6.1";
  return host;
}

}  // namespace

std::vector<rapidjson::Document> AuditDocuments::parsed() const {
  std::vector<rapidjson::Document> documents;
  for (const std::string& text : json) {
    rapidjson::Document& document = documents.emplace_back();
    document.Parse(text.data(), text.size());
    EXPECT_FALSE(document.HasParseError()) << text;
    EXPECT_TRUE(document.IsObject()) << text;
  }
  return documents;
}

AuditDocuments decode_audit(std::string_view log, const AuditRunOptions& options) {
  AuditDocuments documents;
  SystemClock clock;
  ConstantParts parts({.id = "agent", .name = "agent", .ephemeral_id = "start"}, host_named(options.host_name));
  auto users = UserDb::of_files(options.passwd, options.group);
  EXPECT_TRUE(users) << (users ? "" : users.error().what);
  const auto nobody = UserDb::empty();
  Services services{.clock = &clock,
                    .parts = &parts,
                    .users = users ? users->get() : nobody.get(),
                    .foreign_users = nobody.get(),
                    .host_id = parts.host().id,
                    .host_name = options.host_name};
  audit::DecoderOptions decoder_options;
  decoder_options.args_bytes_max = options.args_bytes_max;
  if (options.explain) decoder_options.explain = [&](std::string_view lines) { documents.explained += lines; };
  const auto decoder = audit::make_decoder(services, decoder_options);
  Collector collector(documents, options.look);
  Origin origin;
  origin.keep_original = options.keep_original;
  origin.fingerprint = options.fingerprint;
  size_t at = 0;
  while (at < log.size()) {
    const size_t end = std::min(log.find('\n', at), log.size());
    RawItem item;
    item.begin = {.file = 1, .offset = at};
    item.end = {.file = 1, .offset = end + 1};
    item.bytes = log.substr(at, end - at);
    item.origin = &origin;
    at = end + 1;
    if (!item.bytes.empty()) decoder->feed(item, kReadAt, collector);
  }
  decoder->flush(collector);
  return documents;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const rapidjson::Value* at_path(const rapidjson::Value& document, std::string_view path) {
  const rapidjson::Value* value = &document;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    std::string_view part = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    if (!value->IsObject()) return nullptr;
    // A key of a record may end in [i] itself (a1[0]).
    auto member = value->FindMember(rapidjson::Value(part.data(), static_cast<rapidjson::SizeType>(part.size())));
    if (member != value->MemberEnd()) {
      value = &member->value;
      continue;
    }
    const size_t bracket = part.rfind('[');
    if (bracket == std::string_view::npos || part.back() != ']') return nullptr;
    const std::string_view name = part.substr(0, bracket);
    member = value->FindMember(rapidjson::Value(name.data(), static_cast<rapidjson::SizeType>(name.size())));
    if (member == value->MemberEnd() || !member->value.IsArray()) return nullptr;
    const auto item = static_cast<rapidjson::SizeType>(number(part.substr(bracket + 1)));
    if (item >= member->value.Size()) return nullptr;
    value = &member->value[item];
  }
  return value;
}

std::string text_at(const rapidjson::Value& document, std::string_view path) {
  const rapidjson::Value* value = at_path(document, path);
  if (value == nullptr) return "<none>";
  const auto text = [](const rapidjson::Value& scalar) -> std::string {
    if (scalar.IsString()) return {scalar.GetString(), scalar.GetStringLength()};
    if (scalar.IsBool()) return scalar.GetBool() ? "true" : "false";
    if (scalar.IsInt64()) return std::to_string(scalar.GetInt64());
    if (scalar.IsDouble()) return std::to_string(scalar.GetDouble());
    return "<object>";
  };
  if (!value->IsArray()) return text(*value);
  std::string joined;
  for (const auto& item : value->GetArray()) joined += (joined.empty() ? "" : "|") + text(item);
  return joined;
}

}  // namespace acta::test
