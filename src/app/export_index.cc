#include "app/export_index.h"

#include <fmt/format.h>

#include <charconv>

#include "app/load.h"
#include "app/setup_settings.h"
#include "config/general.h"

namespace acta {
namespace {

constexpr int kElasticsearchMajor = 9, kOpenSearchMajor = 3;

/// "9", "8.19", "2.19.4"
Result<std::pair<int, int>> parse_version(const std::string& text) {
  std::pair<int, int> version;
  const char* const end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data(), end, version.first);
  if (failed == std::errc{} && at != end && *at == '.') {
    const auto minor = std::from_chars(at + 1, end, version.second);
    at = minor.ptr;
    failed = minor.ec;
  }
  if (failed != std::errc{} || (at != end && *at != '.'))
    return fail(Errc::config, fmt::format("--version: '{}' is no version of a server, such as 8.19", text));
  return version;
}

Result<IndexSetup> setup_of(const ExportIndexOptions& options) {
  const bool opensearch = options.distribution == "opensearch";
  std::pair<int, int> version{opensearch ? kOpenSearchMajor : kElasticsearchMajor, 0};
  if (!options.version.empty()) {
    const auto parsed = parse_version(options.version);
    if (!parsed) return tl::unexpected(parsed.error());
    version = *parsed;
  }
  std::map<std::string, std::string> given;
  if (options.geoip) given["setup.geoip"] = "true";
  if (!options.retention.empty()) given["setup.retention"] = options.retention;
  const auto general = make_settings(config::general_options(), given);
  if (!general) return tl::unexpected(general.error());
  IndexSetup setup = setup_settings(*general);
  setup.features = index_features(opensearch ? ElasticServer::Kind::opensearch : ElasticServer::Kind::elasticsearch,
                                  version.first, version.second);
  setup.lifecycle = opensearch ? Lifecycle::ism : Lifecycle::ilm;
  setup.pipeline = true;
  setup.compat = options.compat;
  return setup;
}

template <class Choose>
int print(const ExportIndexOptions& options, Choose choose) {
  const auto setup = setup_of(options);
  if (!setup) return print_error(setup.error());
  print_objects(choose(*setup));
  return 0;
}

}  // namespace

int run_export_template(const ExportIndexOptions& options) {
  return print(options, [](const IndexSetup& setup) {
    std::vector<ServerObject> all{mappings_template(setup), settings_template(setup)};
    for (ServerObject& each : index_templates(setup)) all.push_back(std::move(each));
    return all;
  });
}

int run_export_policy(const ExportIndexOptions& options) {
  return print(options, [](const IndexSetup& setup) { return std::vector{lifecycle_policy(setup)}; });
}

int run_export_pipeline(const ExportIndexOptions& options) {
  return print(options, [](const IndexSetup& setup) { return std::vector{ingest_pipeline(setup)}; });
}

}  // namespace acta
