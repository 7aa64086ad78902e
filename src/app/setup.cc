#include "app/setup.h"

#include <fmt/format.h>

#include "app/load.h"
#include "app/setup_settings.h"
#include "base/clock.h"
#include "client/server_ability.h"

namespace acta {
namespace {

constexpr Nanos kTimeout = 60 * kSecond;  // of one request
constexpr int kNotFound = 404;

/// One run of the command. Main thread.
class Setup {
 public:
  Setup(const SetupOptions& options, const Config& config, const OutputConfig& output, ElasticSettings connection)
      : options_(options), config_(config), output_(output), client_(std::move(connection), clock_, fs_) {}

  Result<> run() {
    auto wanted = look();
    if (!wanted) return tl::unexpected(wanted.error());
    if (options_.print) {
      print_objects(server_objects(*wanted));
      return {};
    }
    for (const ServerObject& object : server_objects(*wanted)) {
      if (auto done = settle(object); !done) return done;
    }
    tell_end();
    return {};
  }

 private:
  /// What the server is and can do: what it is to get.
  Result<IndexSetup> look() {
    const auto server = client_.server(deadline());
    if (!server) return tl::unexpected(server.error());
    if (server->kind == ElasticServer::Kind::unknown)
      return fail(
          Errc::denied,
          fmt::format("{} does not let us ask what it is (403): the user lacks the privilege monitor", client_.host()));
    const auto features = ask_index_features(client_, *server, deadline());
    if (!features) return tl::unexpected(features.error());
    const auto ability = ask_ability(client_, *server, deadline());
    if (!ability) return tl::unexpected(ability.error());
    IndexSetup setup = setup_settings(config_.general);
    if (output_.settings.has("compat")) setup.compat = output_.settings.text("compat");
    setup.features = *features;
    setup.lifecycle = ability->lifecycle;
    setup.pipeline = ability->pipeline;
    const bool geoip = setup.geoip;
    setup.geoip = geoip && ability->pipeline && ability->geoip;
    if (options_.print) return setup;
    const bool opensearch = server->kind == ElasticServer::Kind::opensearch;
    fmt::print("{} {} at {}, cluster {}\n", opensearch ? "OpenSearch" : "Elasticsearch", server->version,
               client_.host(), server->cluster);
    fmt::print("life cycle: {}\n", ability->lifecycle_words);
    if (setup.lifecycle == Lifecycle::none) fmt::print("  old indices stay until somebody deletes them\n");
    if (!setup.pipeline) fmt::print("ingest pipeline: none: this server is without the processor set\n");
    if (geoip && !setup.geoip) fmt::print("setup.geoip: this server is without the processor geoip\n");
    if (output_.settings.has("index") && !output_.settings.text("index").empty())
      fmt::print("index: documents go to {}; the index templates are for logs-actabeat.*-* only\n",
                 output_.settings.text("index"));
    return setup;
  }

  Result<> settle(const ServerObject& object) {
    auto reply = client_.request({.method = "GET", .path = object.path()}, deadline());
    if (!reply) return tl::unexpected(reply.error());
    if (reply->status == kNotFound) return put(object, "", "created", "would create");
    if (!reply->good()) return refused("GET", object, *reply);
    if (object.seed_only) return left(object, "yours");
    const auto state = compare(object, reply->body);
    if (!state) return put(object, "", "created", "would create");
    const std::string condition = object.kind == ServerObject::Kind::ism_policy ? ism_condition(reply->body) : "";
    switch (*state) {
      case ObjectState::same:
        return left(object, "unchanged");
      case ObjectState::outdated:
        return put(object, condition, "updated", "would update");
      case ObjectState::changed:
      case ObjectState::foreign:
        break;
    }
    if (options_.overwrite) return put(object, condition, "overwritten", "would overwrite");
    ++kept_;
    return left(object,
                *state == ObjectState::changed ? "kept: somebody has changed it" : "kept: it was not made by actabeat");
  }

  Result<> left(const ServerObject& object, std::string_view why) {
    fmt::print("{} {}: {}\n", object.kind_name(), object.name, why);
    return {};
  }

  Result<> put(const ServerObject& object, const std::string& condition, std::string_view done,
               std::string_view would) {
    ++changes_;
    if (options_.dry_run) return left(object, would);
    const std::string path = object.path() + condition;
    auto reply = client_.request({.method = "PUT", .path = path, .body = object.body}, deadline());
    if (!reply) return tl::unexpected(reply.error());
    if (!reply->good()) return refused("PUT", object, *reply);
    return left(object, done);
  }

  [[nodiscard]] tl::unexpected<Error> refused(std::string_view method, const ServerObject& object,
                                              const ElasticReply& reply) const {
    return fail(Errc::denied, fmt::format("{} {}: {} {}{}: {}", object.kind_name(), object.name, method, client_.host(),
                                          object.path(), elastic_refusal(reply.status, reply.body)));
  }

  void tell_end() const {
    if (changes_ == 0) {
      fmt::print("nothing {} changed\n", options_.dry_run ? "would be" : "was");
    } else if (!options_.dry_run) {
      fmt::print("{} made or changed; data streams that exist take templates at their next rollover\n", changes_);
    }
    if (kept_ > 0) fmt::print("{} kept as it is; --overwrite replaces what others have made or changed\n", kept_);
  }

  [[nodiscard]] Nanos deadline() const { return clock_.monotonic() + kTimeout; }

  const SetupOptions& options_;
  const Config& config_;
  const OutputConfig& output_;
  PosixFs fs_;
  SystemClock clock_;
  ElasticClient client_;
  int changes_ = 0, kept_ = 0;
};

Result<> set_up(const SetupOptions& options) {
  const auto config = load(options.config);
  if (!config) return tl::unexpected(config.error());
  for (const OutputConfig& output : config->outputs) {
    if (output.type != "elasticsearch" || !output.enabled) continue;
    auto connection = elastic_settings(output.settings);
    if (!connection)
      return fail(connection.error().code,
                  fmt::format("{}: output.elasticsearch.{}", output.where, connection.error().what));
    return Setup(options, *config, output, *std::move(connection)).run();
  }
  return fail(Errc::config, options.config.file + ": there is no output.elasticsearch to set up");
}

}  // namespace

int run_setup(const SetupOptions& options) {
  const auto done = set_up(options);
  return done ? 0 : print_error(done.error());
}

}  // namespace acta
