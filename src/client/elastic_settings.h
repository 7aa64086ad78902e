#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "client/http_client.h"
#include "config/option.h"

namespace acta {

/// One node, or one balancer in front of some.
struct ElasticHost {
  std::string url;  ///< "https://es1:9200/path", no slash at the end
};

/// Where Elasticsearch or OpenSearch is and how to be let in: what the output, `setup`, `test output` and reports
/// share. Read once from the settings of `output.elasticsearch` by elastic_settings(), then given to an ElasticClient:
///
///     auto settings = elastic_settings(output.settings);      // Errc::config with the key first, never a secret
///     ElasticClient client(*std::move(settings), clock, fs);
///     auto reply = client.request({.method = "PUT", .path = "/_index_template/…", .body = json}, deadline);
struct ElasticSettings {
  std::vector<ElasticHost> hosts{};
  bool load_balance = true;            ///< hosts by turns; else the first that answers
  std::vector<std::string> headers{};  ///< "Name: value" of each request, with Authorization: secret
  std::string parameters{};            ///< "a=b&c=d" of each request of documents, encoded; may be empty
  HttpOptions http{};
};

inline constexpr std::string_view kElasticPort = "9200";  ///< of hosts that do not say theirs
inline constexpr std::string_view kElasticProtocols[] = {"http", "https"};

/// Keys of the connection beside ssl.*: join_options(kElasticOptionTable, …).
inline constexpr Option kElasticOwnOptions[] = {
    {.key = "hosts",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Where the servers are: [https://]host[:9200][/path].",
     .required = true},
    {.key = "protocol",
     .type = Option::Type::text,
     .fallback = "http",
     .help = "Of hosts that do not say http:// or https://.",
     .choices = kElasticProtocols},
    {.key = "path",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Path before all requests, of hosts that have none of their own."},
    {.key = "loadbalance",
     .type = Option::Type::boolean,
     .fallback = "true",
     .help = "true: requests go to the hosts by turns; false: to one of them as long as it answers."},
    {.key = "username", .type = Option::Type::text, .fallback = "", .help = "User of basic authentication."},
    {.key = "password",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Password of basic authentication.",
     .secret = true},
    {.key = "api_key",
     .type = Option::Type::text,
     .fallback = "",
     .help = "API key: id:key, or its base64 as the server gives it (encoded).",
     .secret = true},
    {.key = "bearer_token",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Token sent as Authorization: Bearer.",
     .secret = true},
    {.key = "headers",
     .type = Option::Type::map,
     .fallback = "",
     .help = "More headers of each request, by name.",
     .secret = true},
    {.key = "parameters", .type = Option::Type::map, .fallback = "", .help = "More URL parameters of bulk requests."},
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
inline constexpr auto kElasticOptionTable = join_options(kElasticOwnOptions, kTlsOptionTable);

/// Reads the settings of a table that begins with kElasticOptionTable. Fails with Errc::config, the key first.
Result<ElasticSettings> elastic_settings(const Settings& settings, std::string_view default_port = kElasticPort);

/// Whether credentials would go over a network in clear text: plain HTTP to another host.
bool shows_credentials(const ElasticSettings& settings);

/// Percent-encodes what may not stand in a part of a URL.
std::string url_encoded(std::string_view text);

}  // namespace acta
