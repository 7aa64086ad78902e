#include "support/acct_documents.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include "processors/accounting/decoder.h"
#include "support/collect_sink.h"
#include "sys/acct_file.h"

namespace acta::test {
namespace {

using rapidjson::Pointer;

const rapidjson::Value* at(const rapidjson::Document& document, const char* pointer) {
  return Pointer(pointer).Get(document);
}

std::string text(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* value = at(document, pointer);
  return value == nullptr ? std::string() : std::string(value->GetString(), value->GetStringLength());
}

uint64_t number(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* value = at(document, pointer);
  return value == nullptr ? 0 : value->GetUint64();
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

AcctDocument read(const rapidjson::Document& json) {
  AcctDocument d;
  d.comm = at(json, "/acct/comm_hex") != nullptr ? from_hex(text(json, "/acct/comm_hex")) : text(json, "/process/name");
  d.user = text(json, "/user/name");
  d.group = text(json, "/user/group/name");
  d.uid = text(json, "/acct/uid");
  d.gid = text(json, "/acct/gid");
  d.tty = text(json, "/acct/tty");
  d.flags = number(json, "/acct/flag_bits");
  d.version = number(json, "/acct/version");
  d.exit_status = number(json, "/acct/exit/status");
  d.begin = number(json, "/acct/btime");
  d.pid = number(json, "/process/pid");
  d.parent = number(json, "/process/parent/pid");
  d.sequence = number(json, "/event/sequence");
  d.ahz = static_cast<double>(number(json, "/acct/ahz"));
  d.user_ticks = static_cast<double>(number(json, "/acct/cpu/user/ns")) * d.ahz / 1e9;
  d.system_ticks = static_cast<double>(number(json, "/acct/cpu/system/ns")) * d.ahz / 1e9;
  if (const auto* ticks = at(json, "/acct/elapsed/ticks")) d.elapsed_ticks = ticks->GetDouble();
  d.memory_kb = static_cast<double>(number(json, "/acct/memory/bytes")) / 1024;
  d.io = static_cast<double>(number(json, "/acct/io/chars"));
  return d;
}

}  // namespace

std::vector<AcctDocument> acct_documents(std::string_view bytes, UserDb& users) {
  const SystemClock clock;
  Services services;
  services.clock = &clock;
  services.users = &users;
  services.host_id = "host";
  const auto decoder = accounting::make_decoder(services, {});
  CollectSink sink;
  for (uint64_t offset = 0; offset < bytes.size();) {
    const accounting::Cut cut = accounting::cut(bytes.substr(offset), true);
    const RawItem item{.kind = RawKind::accounting_record,
                       .piece = cut.what == accounting::Cut::What::piece,
                       .begin = {1, offset},
                       .end = {1, offset + cut.size},
                       .bytes = bytes.substr(offset, cut.size)};
    decoder->feed(item, 0, sink);
    offset += cut.size;
  }
  std::vector<AcctDocument> documents;
  for (const std::string& line : sink.documents) {
    rapidjson::Document json;
    json.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    EXPECT_FALSE(json.HasParseError()) << line;
    if (!json.HasParseError()) documents.push_back(read(json));
  }
  return documents;
}

}  // namespace acta::test
