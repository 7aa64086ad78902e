#include "app/setup_settings.h"

#include <fmt/format.h>

namespace acta {
namespace {

std::string text(const Settings& settings, std::string_view key) {
  return settings.has(key) ? settings.text(key) : "";
}

/// The number, unless it is the one that leaves it to the server.
std::string number(const Settings& settings, std::string_view key, int64_t servers) {
  return settings.integer(key) != servers ? fmt::format("{}", settings.integer(key)) : "";
}

}  // namespace

IndexSetup setup_settings(const Settings& general) {
  IndexSetup setup;
  setup.shards = number(general, "setup.shards", 0);
  setup.replicas = number(general, "setup.replicas", -1);
  setup.rollover_age = text(general, "setup.rollover.age");
  setup.rollover_size = text(general, "setup.rollover.size");
  setup.retention = text(general, "setup.retention");
  setup.geoip = general.boolean("setup.geoip");
  return setup;
}

void print_objects(const std::vector<ServerObject>& objects) {
  for (const ServerObject& object : objects) fmt::print("PUT {}\n{}\n\n", object.path(), object.body);
}

}  // namespace acta
