#include "client/kibana_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace acta {
namespace {

constexpr std::string_view kCredentials[] = {"username", "password", "api_key", "bearer_token"};

bool given(const Settings& settings, std::string_view key) {
  return settings.has(key) && !settings.text(key).empty();
}

/// Kibana: letters, digits, _ and -. A tenant of OpenSearch Dashboards goes into a header.
bool is_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<std::string> name_of(const Settings& settings, std::string_view key) {
  std::string name = settings.has(key) ? settings.text(key) : "";
  if (is_name(name)) return name;
  return fail(Errc::config, fmt::format("{}: must be letters, digits, '_' or '-'", key));
}

}  // namespace

Result<KibanaSettings> kibana_settings(const Settings& settings, const Settings* output) {
  KibanaSettings all;
  auto space = name_of(settings, "space.id"), tenant = name_of(settings, "tenant");
  if (!space) return tl::unexpected(space.error());
  if (!tenant) return tl::unexpected(tenant.error());
  all.space = *std::move(space);
  all.tenant = *std::move(tenant);
  // The keys that a cluster has and one server of pages has not.
  Settings connection = settings;
  connection.set("hosts", std::vector<std::string>{settings.text("host")});
  connection.set("loadbalance", false);
  const bool own =
      std::any_of(std::begin(kCredentials), std::end(kCredentials), [&](auto key) { return given(settings, key); });
  if (!own && output != nullptr) {
    for (const std::string_view key : kCredentials) {
      if (given(*output, key)) connection.set(std::string(key), output->text(key));
    }
  }
  auto read = elastic_settings(connection, kKibanaPort);
  if (!read) {
    std::string what = read.error().what;
    if (what.starts_with("hosts:")) what.erase(sizeof "host" - 1, 1);
    return fail(read.error().code, what);
  }
  all.connection = *std::move(read);
  return all;
}

}  // namespace acta
