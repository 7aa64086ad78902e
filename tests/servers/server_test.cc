#include "support/server.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "support/command.h"

namespace acta {
namespace {

using test::Server;
using test::ServerKind;

class ServerOfTests : public testing::TestWithParam<ServerKind> {};

/// GET of a path by curl(1), which shares nothing with what is tested.
std::string get(const Server& server, const std::string& path, const std::string& user) {
  std::string command = "curl -sS -m 30 -w ' %{http_code}'";
  if (server.secure())
    command += " --cacert " + server.tls_file("ca.pem") + " -u '" + user + ":" + Server::password() + "'";
  return test::run_shell(command + " '" + server.address() + path + "' 2>&1").output;
}

TEST_P(ServerOfTests, AnswersItsUsers) {
  NEEDS_SERVER(server, GetParam());
  const std::string answer = get(server, "/_cluster/health", server.user());
  EXPECT_NE(answer.find("\"cluster_name\":\"test\""), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with(" 200")) << answer;
  if (!server.secure()) return;
  EXPECT_TRUE(get(server, "/_cluster/health", "nobody").ends_with(" 403"));
}

INSTANTIATE_TEST_SUITE_P(OpenSearch, ServerOfTests, testing::Values(ServerKind::opensearch));
INSTANTIATE_TEST_SUITE_P(OpenSearchSecure, ServerOfTests, testing::Values(ServerKind::opensearch_secure));
INSTANTIATE_TEST_SUITE_P(ElasticsearchSecure, ServerOfTests, testing::Values(ServerKind::elasticsearch_secure));

}  // namespace
}  // namespace acta
