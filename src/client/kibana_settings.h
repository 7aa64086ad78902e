#pragma once
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

/// Keys below setup.kibana beside ssl.*, with libbeat's names and meanings.
inline constexpr Option kKibanaOwnOptions[] = {
    {.key = "host",
     .type = Option::Type::text,
     .fallback = "localhost:5601",
     .help = "Where it is: [https://]host[:5601][/path]."},
    {.key = "protocol",
     .type = Option::Type::text,
     .fallback = "http",
     .help = "Of a host that does not say http:// or https://.",
     .choices = kElasticProtocols},
    {.key = "path",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Path before all requests (server.basePath), of a host that has none of its own."},
    {.key = "space.id",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Space of Kibana to load into; the default one when not given."},
    {.key = "tenant",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Tenant of OpenSearch Dashboards to load into: global, private or a name."},
    {.key = "username",
     .type = Option::Type::text,
     .fallback = "",
     .help = "User of basic authentication; with no credentials here, those of output.elasticsearch are used."},
    {.key = "password",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Password of basic authentication.",
     .secret = true},
    {.key = "api_key",
     .type = Option::Type::text,
     .fallback = "",
     .help = "API key: id:key, or its base64 as the "
             "server gives it (encoded).",
     .secret = true},
    {.key = "bearer_token",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Token sent as Authorization: Bearer, such as that of a service.",
     .secret = true},
    {.key = "headers",
     .type = Option::Type::map,
     .fallback = "",
     .help = "More headers of each request, by name.",
     .secret = true},
    {.key = "proxy_url",
     .type = Option::Type::text,
     .fallback = "",
     .help = "http:// or socks5:// URL of a proxy; without it http_proxy, https_proxy and no_proxy of the environment "
             "hold.",
     .secret = true},
    {.key = "proxy_disable",
     .type = Option::Type::boolean,
     .fallback = "false",
     .help = "true: no proxy, whatever the environment says."},
    {.key = "connect_timeout",
     .type = Option::Type::duration,
     .fallback = "10s",
     .help = "How long DNS, connect and TLS may take together.",
     .min = 10 * kMillisecond,
     .max = 600 * kSecond},
};
inline constexpr auto kKibanaOptionTable = join_options(kKibanaOwnOptions, kTlsOptionTable);

/// Reads the settings of kKibanaOptionTable. Where they have no credentials, those of `output` (a table that begins
/// with kElasticOptionTable; may be null) are used, as libbeat does. Fails with Errc::config, the key first, never a
/// secret.
Result<KibanaSettings> kibana_settings(const Settings& settings, const Settings* output);

}  // namespace acta
