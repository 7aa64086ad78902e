#include "client/elastic_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace acta {
namespace {

std::string text_of(const Settings& settings, std::string_view key) {
  return settings.has(key) ? settings.text(key) : std::string();
}

std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view part = bytes.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < part.size() ? static_cast<uint8_t>(part[i]) : 0u);
    for (size_t i = 0; i < 4; ++i) out.push_back(i <= part.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=');
  }
  return out;
}

/// A header must not break out of its line.
bool one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < ' ' || c == '\x7f'; });
}

bool is_port(std::string_view text) {
  constexpr int kPortMax = 65'535;
  int port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc{} && end == text.data() + text.size() && port > 0 && port <= kPortMax;
}

/// Splits "host:port" or "[address]:port"; an address of IPv6 without brackets is one, too.
bool split_authority(std::string_view text, std::string_view default_port, std::string& host, std::string& port) {
  size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || (close + 1 < text.size() && text[close + 1] != ':')) return false;
    colon = close + 1 < text.size() ? close + 1 : std::string_view::npos;
  } else if (std::count(text.begin(), text.end(), ':') > 1) {
    host = fmt::format("[{}]", text);
    port = default_port;
    return true;
  }
  host = text.substr(0, colon);
  port = colon == std::string_view::npos ? default_port : text.substr(colon + 1);
  constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~[]:%";
  return !host.empty() && host.find_first_not_of(kHostCharacters) == std::string::npos && is_port(port);
}

/// What a host has that does not say it.
struct HostDefaults {
  std::string_view protocol, path, port;
};

Result<ElasticHost> parse_host(std::string_view text, const HostDefaults& defaults) {
  std::string_view rest = text;
  std::string scheme(defaults.protocol);
  if (const size_t at = rest.find("://"); at != std::string_view::npos) {
    scheme = rest.substr(0, at);
    rest.remove_prefix(at + 3);
  }
  if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos) {
    return fail(Errc::config, "hosts: an address must not hold a user or password: give username and password");
  }
  if (scheme != "http" && scheme != "https") {
    return fail(Errc::config,
                fmt::format("hosts: '{}' begins with {}://; only http:// and https:// are spoken", text, scheme));
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string host;
  std::string port;
  if (!split_authority(rest.substr(0, slash), defaults.port, host, port)) {
    return fail(Errc::config,
                fmt::format("hosts: '{}' is not an address; it looks like https://es.example.org:9200", text));
  }
  std::string_view own_path = rest.substr(slash);
  while (own_path.ends_with('/')) own_path.remove_suffix(1);
  if (own_path.find_first_of("?# \t\"<>") != std::string_view::npos) {
    return fail(Errc::config, fmt::format("hosts: '{}' has more than a path; see parameters", text));
  }
  return ElasticHost{fmt::format("{}://{}:{}{}", scheme, host, port, own_path.empty() ? defaults.path : own_path)};
}

Result<std::string> path_of(const Settings& settings) {
  std::string path = text_of(settings, "path");
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) return path;
  if (path.find_first_of("?# \t\"<>") != std::string::npos || !one_line(path)) {
    return fail(Errc::config, fmt::format("path: '{}' is not the path of a URL", path));
  }
  return path.starts_with('/') ? path : "/" + path;
}

Result<> take_hosts(const Settings& settings, std::string_view default_port, ElasticSettings& into) {
  const auto path = path_of(settings);
  if (!path) return tl::unexpected(path.error());
  if (!settings.has("hosts") || settings.list("hosts").empty()) {
    return fail(Errc::config, "hosts: is missing; for example hosts: [\"https://localhost:9200\"]");
  }
  for (const std::string& text : settings.list("hosts")) {
    auto host = parse_host(text, {settings.text("protocol"), *path, default_port});
    if (!host) return tl::unexpected(host.error());
    into.hosts.push_back(*std::move(host));
  }
  return {};
}

Result<> take_authentication(const Settings& settings, ElasticSettings& into) {
  const std::string user = text_of(settings, "username"), password = text_of(settings, "password"),
                    api_key = text_of(settings, "api_key"), token = text_of(settings, "bearer_token");
  const int ways = (user.empty() ? 0 : 1) + (api_key.empty() ? 0 : 1) + (token.empty() ? 0 : 1);
  if (ways > 1) {
    return fail(Errc::config, std::string(user.empty() ? "api_key" : "username") +
                                  ": give one of username with password, api_key, and bearer_token, not several");
  }
  if (user.empty() != password.empty()) {
    return fail(Errc::config, user.empty() ? "username: is missing; password is of no use without it"
                                           : "password: is missing; username is of no use without it");
  }
  if (!one_line(api_key)) return fail(Errc::config, "api_key: must be one line");
  if (!one_line(token)) return fail(Errc::config, "bearer_token: must be one line");
  if (user.find(':') != std::string::npos) return fail(Errc::config, "username: must not hold a colon");
  if (!user.empty()) into.headers.push_back("Authorization: Basic " + base64(user + ":" + password));
  if (!token.empty()) into.headers.push_back("Authorization: Bearer " + token);
  if (!api_key.empty()) {
    into.headers.push_back("Authorization: ApiKey " +
                           (api_key.find(':') == std::string::npos ? api_key : base64(api_key)));
  }
  return {};
}

Result<> take_headers(const Settings& settings, ElasticSettings& into) {
  if (settings.has("headers")) {
    for (const auto& [name, value] : settings.map("headers")) {
      constexpr std::string_view kToken =
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!#$%&'*+^`|~";
      if (name.empty() || name.find_first_not_of(kToken) != std::string::npos || !one_line(value)) {
        return fail(Errc::config, "headers: a name or a value cannot stand in a header of HTTP");
      }
      // libcurl takes "Name;" for a header without a value.
      into.headers.push_back(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    }
  }
  if (settings.has("parameters")) {
    for (const auto& [name, value] : settings.map("parameters")) {
      if (!into.parameters.empty()) into.parameters.push_back('&');
      into.parameters += url_encoded(name) + "=" + url_encoded(value);
    }
  }
  return {};
}

Result<> take_proxy(const Settings& settings, ElasticSettings& into) {
  into.http.proxy_disable = settings.boolean("proxy_disable");
  into.http.proxy_url = text_of(settings, "proxy_url");
  const std::string& url = into.http.proxy_url;
  if (url.empty()) return {};
  if (!url.starts_with("http://") && !url.starts_with("socks5://") && !url.starts_with("socks5h://")) {
    return fail(Errc::config, "proxy_url: must begin with http://, socks5:// or socks5h://");
  }
  if (!one_line(url)) return fail(Errc::config, "proxy_url: is not a URL");
  return {};
}

}  // namespace

bool shows_credentials(const ElasticSettings& settings) {
  const bool secret = std::any_of(settings.headers.begin(), settings.headers.end(),
                                  [](const std::string& header) { return header.starts_with("Authorization:"); });
  return secret && std::any_of(settings.hosts.begin(), settings.hosts.end(), [](const ElasticHost& host) {
           const std::string_view url = host.url;
           return url.starts_with("http://") && !url.starts_with("http://localhost:") &&
                  !url.starts_with("http://127.") && !url.starts_with("http://[::1]:");
         });
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return out;
}

Result<ElasticSettings> elastic_settings(const Settings& settings, std::string_view default_port) {
  ElasticSettings all;
  auto tls = tls_options(settings);
  if (!tls) return tl::unexpected(tls.error());
  all.http.tls = *std::move(tls);
  all.http.connect_timeout = settings.duration("connect_timeout");
  all.load_balance = settings.boolean("loadbalance");
  if (auto taken = take_hosts(settings, default_port, all); !taken) return tl::unexpected(taken.error());
  for (auto* take : {take_authentication, take_headers, take_proxy}) {
    if (auto taken = take(settings, all); !taken) return tl::unexpected(taken.error());
  }
  return all;
}

}  // namespace acta
