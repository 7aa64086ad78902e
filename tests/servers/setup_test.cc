#include <gtest/gtest.h>
#include <rapidjson/pointer.h>

#include "support/setup_fixture.h"

namespace acta {
namespace {

using test::Ran;
using test::Server;
using test::ServerKind;

class SetupTest : public test::SetupFixture {};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)
#define EXPECT_HAS_NOT(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)

TEST_P(SetupTest, MakesWhatIsMissingAndThenNothing) {
  // Templates that data streams of other tests use cannot be taken away.
  NEEDS_FRESH_SERVER(server, GetParam());
  const std::string config = config_of(server);
  const Ran dry = run("setup --dry-run", config);
  EXPECT_EQ(dry.status, 0);
  EXPECT_HAS(dry.output, "component template actabeat-mappings: would create");
  EXPECT_HAS(curl(server, "GET", "/_component_template/actabeat-mappings"), "404");
  const Ran first = run("setup", config);
  ASSERT_EQ(first.status, 0) << first.output;
  EXPECT_HAS(first.output, GetParam() == ServerKind::elasticsearch_secure ? "Elasticsearch " : "OpenSearch ");
  EXPECT_HAS(first.output, "life cycle: none: ");
  EXPECT_HAS(first.output, "component template actabeat-mappings: created");
  EXPECT_HAS(first.output, "index template actabeat.audit: created");
  const Ran second = run("setup", config);
  EXPECT_EQ(second.status, 0);
  EXPECT_HAS(second.output, "index template actabeat.audit: unchanged");
  EXPECT_HAS(second.output, "component template actabeat-custom: yours");
  EXPECT_HAS(second.output, "nothing was changed");
  EXPECT_HAS_NOT(second.output, "created");
}

TEST_P(SetupTest, KeepsWhatAUserHasChanged) {
  NEEDS_SERVER(server, GetParam());
  clean(server);
  const std::string config = config_of(server);
  ASSERT_EQ(run("setup", config).status, 0);
  // As a user would: the template is read, changed and put back, mark and all.
  rapidjson::Document answer = json(server, "GET", "/_component_template/actabeat-settings");
  rapidjson::Value* body = rapidjson::Pointer("/component_templates/0/component_template").Get(answer);
  ASSERT_NE(body, nullptr);
  for (const char* dated : {"created_date_millis", "modified_date_millis"}) body->RemoveMember(dated);
  rapidjson::Pointer("/template/settings/index/refresh_interval").Set(*body, "7s", answer.GetAllocator());
  EXPECT_HAS(curl(server, "PUT", "/_component_template/actabeat-settings", test::to_text(*body)), "true");
  const Ran kept = run("setup", config);
  EXPECT_HAS(kept.output, "component template actabeat-settings: kept: somebody has changed it");
  EXPECT_HAS(kept.output, "nothing was changed");
  EXPECT_HAS(curl(server, "GET", "/_component_template/actabeat-settings"), "7s");
  const Ran overwritten = run("setup --overwrite", config);
  EXPECT_HAS(overwritten.output, "component template actabeat-settings: overwritten");
  EXPECT_HAS_NOT(curl(server, "GET", "/_component_template/actabeat-settings"), "7s");
  // What another setting of ours asks for is no user's change.
  const Ran updated = run("setup", config_of(server, "setup.replicas: 0\n"));
  EXPECT_HAS(updated.output, "component template actabeat-settings: updated");
  // A template of that name that is not ours.
  clean(server);
  static_cast<void>(curl(server, "PUT", "/_component_template/actabeat-settings", R"({"template":{"settings":{}}})"));
  EXPECT_HAS(run("setup", config).output, "component template actabeat-settings: kept: it was not made by actabeat");
}

TEST_P(SetupTest, TellsWhatTheServerRefuses) {
  NEEDS_SERVER(server, GetParam());
  clean(server);
  const Ran refused = run("setup -E setup.replicas=1 -E setup.shards=1 -E 'setup.rollover.age=x'", config_of(server));
  EXPECT_EQ(refused.status, 0) << "without a life cycle its settings are not sent";
  if (!server.secure()) return;
  const Ran denied = run("setup", config_of(server, "", "nobody"));
  EXPECT_EQ(denied.status, 1);
  EXPECT_HAS(denied.output, "403");
  EXPECT_HAS(denied.output, "privilege");
  EXPECT_HAS_NOT(denied.output, Server::password());
}

TEST_P(SetupTest, TestOutputGoesStepByStep) {
  NEEDS_SERVER(server, GetParam());
  clean(server);
  const std::string config = config_of(server);
  Ran ran = run("test output", config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "ok    address: 127.0.0.1");
  EXPECT_HAS(ran.output, "ok    connection: 127.0.0.1:");
  EXPECT_HAS(ran.output, "FAIL  templates: missing");
  EXPECT_HAS(ran.output, "run actabeat setup");
  if (server.secure()) {
    EXPECT_HAS(ran.output, "ok    TLS: certificate of CN = server, issued by CN = test-ca, good until ");
    EXPECT_HAS(ran.output, std::string("ok    authentication: as ") + server.user());
  } else {
    EXPECT_HAS(ran.output, "nothing is encrypted");
  }
  ASSERT_EQ(run("setup", config).status, 0);
  ran = run("test output", config);
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_HAS(ran.output, "ok    templates: there");
  EXPECT_HAS_NOT(ran.output, Server::password());
}

TEST_P(SetupTest, TestOutputNamesTheStepThatFails) {
  NEEDS_SERVER(server, GetParam());
  const std::string config = config_of(server);
  const std::string port = std::to_string(server.port());
  const std::string scheme = server.secure() ? "https" : "http", other = server.secure() ? "http" : "https";
  const auto host = [&](const std::string& url) {
    return "test output -E 'output.elasticsearch.hosts=[\"" + url + "\"]'";
  };
  Ran ran = run(host(scheme + "://no-such-host.invalid:9200"), config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  address: no-such-host.invalid: ");
  ran = run(host(scheme + "://127.0.0.1:" + std::to_string(test::free_port())), config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  connection: ");
  ran = run(host(other + "://127.0.0.1:" + port), config);
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_HAS(ran.output, "ok    connection");
  ran = run(host(scheme + "://127.0.0.1:" + port + "/wrong/path"), config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  server: ");
  if (!server.secure()) return;
  ran = run("test output -E output.elasticsearch.password=wrong", config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  authentication: HTTP 401");
  ran = run("test output -E output.elasticsearch.ssl.certificate_authorities=", config);
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  TLS: ");
  ran = run("test output", config_of(server, "", "nobody"));
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "FAIL  privileges: ");
}

INSTANTIATE_TEST_SUITE_P(OpenSearch, SetupTest, testing::Values(ServerKind::opensearch));
INSTANTIATE_TEST_SUITE_P(OpenSearchSecure, SetupTest, testing::Values(ServerKind::opensearch_secure));
INSTANTIATE_TEST_SUITE_P(ElasticsearchSecure, SetupTest, testing::Values(ServerKind::elasticsearch_secure));

}  // namespace
}  // namespace acta
