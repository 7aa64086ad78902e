#pragma once
#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "client/elastic_settings.h"

namespace acta {

/// Where Kibana or OpenSearch Dashboards is, how to be let in, and which part of it is meant.
struct KibanaSettings {
  ElasticSettings connection;  ///< of one host
  std::string space{};         ///< of Kibana; empty for the default one
  std::string tenant{};        ///< of OpenSearch Dashboards with its security plugin; empty for the user's own choice
};

inline constexpr std::string_view kKibanaPort = "5601";  ///< of a host that does not say its own

/// Keys below setup.kibana of its own.
inline constexpr Option kKibanaOwnOptions[] = {
    {.key = "host",
     .type = Option::Type::text,
     .fallback = "localhost:5601",
     .help = "Where it is: [https://]host[:5601][/path]. Without credentials here those of output.elasticsearch are "
             "used."},
    {.key = "space.id",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Space of Kibana to load into; the default one when not given."},
    {.key = "tenant",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Tenant of OpenSearch Dashboards to load into: global, private or a name."},
};
/// Those that it shares with output.elasticsearch, beside ssl.*: with libbeat's names and meanings.
inline constexpr std::string_view kKibanaSharedKeys[] = {"protocol",      "path",           "username", "password",
                                                         "api_key",       "bearer_token",   "headers",  "proxy_url",
                                                         "proxy_disable", "connect_timeout"};

consteval auto kibana_options() {
  constexpr size_t kOwn = std::size(kKibanaOwnOptions), kShared = std::size(kKibanaSharedKeys);
  std::array<Option, kOwn + kShared + std::size(kTlsOptionTable)> all{};
  auto next = std::copy(std::begin(kKibanaOwnOptions), std::end(kKibanaOwnOptions), all.begin());
  for (const std::string_view key : kKibanaSharedKeys)
    *next++ = *std::find_if(std::begin(kElasticOwnOptions), std::end(kElasticOwnOptions),
                            [&](const Option& option) { return option.key == key; });
  std::copy(std::begin(kTlsOptionTable), std::end(kTlsOptionTable), next);
  return all;
}
inline constexpr auto kKibanaOptionTable = kibana_options();

/// Reads the settings of kKibanaOptionTable. Where they have no credentials, those of `output` (a table that begins
/// with kElasticOptionTable; may be null) are used, as libbeat does. Fails with Errc::config, the key first, never a
/// secret.
Result<KibanaSettings> kibana_settings(const Settings& settings, const Settings* output);

}  // namespace acta
