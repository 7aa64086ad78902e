#include "app/setup_dashboards.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>
#include <map>

#include "app/load.h"
#include "base/clock.h"
#include "client/kibana_client.h"

namespace acta {
namespace {

constexpr Nanos kTimeout = 120 * kSecond;  // of one request
constexpr size_t kFileBytesMax = 32u << 20;
constexpr std::string_view kAuditPattern = "actabeat-audit";

/// The objects of the file, ready to be sent.
struct Objects {
  std::string ndjson;
  std::map<std::string, size_t> types;  ///< how many of each
};

std::string_view text(const rapidjson::Value& of, const char* key) {
  if (!of.IsObject() || !of.HasMember(key) || !of[key].IsString()) return {};
  return {of[key].GetString(), of[key].GetStringLength()};
}

/// Where documents of audit events go with output.elasticsearch.compat; empty without it.
std::string stream_of(const OutputConfig* output) {
  if (output == nullptr || !output->settings.has("compat")) return "";
  const std::string& compat = output->settings.text("compat");
  if (compat == "auditd_manager") return "logs-auditd_manager.auditd-*";
  return compat == "auditbeat" ? "auditbeat-actabeat-*" : "";
}

/// One line of the file; `stream` in place of the title of the index pattern of audit events, unless empty.
Result<> add(std::string_view line, const std::string& where, const std::string& stream, Objects& into) {
  rapidjson::Document object;
  object.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  const std::string_view type = object.HasParseError() ? std::string_view() : text(object, "type");
  if (type.empty() || !object.HasMember("attributes") || !object["attributes"].IsObject())
    return fail(Errc::config, where + ": is no saved object of Kibana");
  ++into.types[std::string(type)];
  if (stream.empty() || type != "index-pattern" || text(object, "id") != kAuditPattern) {
    into.ndjson.append(line).append("\n");
    return {};
  }
  object["attributes"].RemoveMember("title");
  object["attributes"].AddMember("title", rapidjson::Value(stream.c_str(), object.GetAllocator()),
                                 object.GetAllocator());
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  object.Accept(writer);
  into.ndjson.append(buffer.GetString(), buffer.GetSize()).append("\n");
  return {};
}

Result<Objects> read_objects(Fs& fs, const std::string& path, const std::string& stream) {
  auto content = read_file(fs, path, kFileBytesMax);
  if (!content)
    return fail(content.error().code,
                fmt::format("setup.dashboards.file: {}; it is kibana-dashboards/actabeat.ndjson of the source, and "
                            "installed below share/actabeat",
                            content.error().what),
                content.error().sys);
  Objects objects;
  size_t number = 0;
  for (size_t at = 0; at < content->size();) {
    const size_t end = std::min(content->find('\n', at), content->size());
    const std::string_view line = std::string_view(*content).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.empty()) continue;
    if (auto added = add(line, fmt::format("{}:{}", path, number), stream, objects); !added)
      return tl::unexpected(added.error());
  }
  if (objects.types.empty()) return fail(Errc::config, path + ": holds no saved object of Kibana");
  return objects;
}

std::string counted(const Objects& objects) {
  std::string out;
  for (const auto& [type, count] : objects.types)
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", count, type,
                       count == 1         ? ""
                       : type == "search" ? "es"
                                          : "s");
  return out;
}

const OutputConfig* elasticsearch_of(const Config& config) {
  for (const OutputConfig& output : config.outputs) {
    if (output.type == "elasticsearch" && output.enabled) return &output;
  }
  return nullptr;
}

/// True when every object was taken.
Result<bool> load_dashboards(const SetupOptions& options) {
  const auto config = load(options.config);
  if (!config) return tl::unexpected(config.error());
  const OutputConfig* output = elasticsearch_of(*config);
  PosixFs fs;
  const std::string stream = stream_of(output);
  const auto objects = read_objects(fs, config->general.text("setup.dashboards.file"), stream);
  if (!objects) return tl::unexpected(objects.error());
  if (options.print) {
    fmt::print("{}", objects->ndjson);
    return true;
  }
  auto settings = kibana_settings(config->kibana, output != nullptr ? &output->settings : nullptr);
  if (!settings)
    return fail(settings.error().code, fmt::format("{}: setup.kibana.{}", config->kibana_where, settings.error().what));
  if (shows_credentials(settings->connection))
    std::fprintf(stderr, "actabeat: warning: setup.kibana: credentials go over the network unencrypted; use https\n");
  SystemClock clock;
  KibanaClient client(*std::move(settings), clock, fs);
  const auto server = client.server(clock.monotonic() + kTimeout);
  if (!server) return tl::unexpected(server.error());
  fmt::print("{}{}{} at {}\n", server->name(), server->version.empty() ? "" : " ", server->version, client.place());
  if (!stream.empty()) fmt::print("index pattern {}: {}\n", kAuditPattern, stream);
  if (options.dry_run) {
    fmt::print("would load {}\n", counted(*objects));
    return true;
  }
  const auto done = client.import(*server, objects->ndjson, clock.monotonic() + kTimeout);
  if (!done) return tl::unexpected(done.error());
  fmt::print("{} objects loaded, of {}; those that were there are replaced\n", done->loaded, counted(*objects));
  for (const KibanaRefusal& each : done->refused) {
    std::fprintf(stderr, "actabeat: error: %s %s (%s): %s\n", each.type.c_str(), each.id.c_str(), each.title.c_str(),
                 each.why.c_str());
  }
  return done->refused.empty();
}

}  // namespace

int run_setup_dashboards(const SetupOptions& options) {
  const auto done = load_dashboards(options);
  if (!done) return print_error(done.error());
  return *done ? 0 : 1;
}

}  // namespace acta
