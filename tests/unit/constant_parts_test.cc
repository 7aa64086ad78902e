#include "sys/constant_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sys/uuid.h"

namespace acta {
namespace {

using testing::HasSubstr;
using testing::Not;

HostInfo host() {
  HostInfo info;
  info.id = "0123456789abcdef0123456789abcdef";
  info.name = info.hostname = "web-7";
  info.architecture = "x86_64";
  info.os_platform = "debian";
  info.ip = {"192.0.2.7", "2001:db8::7"};
  info.mac = {"02-00-00-00-00-07"};
  return info;
}

AgentInfo agent() {
  return {.id = "a1", .name = "agent-name", .ephemeral_id = "e1"};
}

TEST(ConstantParts, OwnPartHasHostAndAgent) {
  const ConstantParts parts(agent(), host());
  const std::string_view json = parts.own()->json();
  EXPECT_THAT(json, HasSubstr("\"id\":\"0123456789abcdef0123456789abcdef\""));
  EXPECT_THAT(json, HasSubstr("\"ip\":[\"192.0.2.7\",\"2001:db8::7\"]"));
  EXPECT_THAT(json, HasSubstr("\"mac\":[\"02-00-00-00-00-07\"]"));
  EXPECT_THAT(json, HasSubstr("\"type\":\"linux\""));
  EXPECT_THAT(json, HasSubstr("\"type\":\"actabeat\""));
  EXPECT_THAT(json, HasSubstr("\"ephemeral_id\":\"e1\""));
  EXPECT_THAT(json, HasSubstr("\"ecs\":{\"version\":\"9.4.0\"}"));
  EXPECT_THAT(json, Not(HasSubstr("\"kernel\"")));  // unknown here: left out, not empty
}

TEST(ConstantParts, AnotherNodeHasItsNameAndNothingOfOurHost) {
  ConstantParts parts(agent(), host());
  const std::string_view json = parts.of_node("db-1")->json();
  EXPECT_THAT(json, HasSubstr("\"name\":\"db-1\""));
  EXPECT_THAT(json, HasSubstr("\"hostname\":\"db-1\""));
  EXPECT_THAT(json, HasSubstr("\"id\":\"" + uuid5(host().id, "db-1") + "\""));
  EXPECT_THAT(json, HasSubstr("\"os\":{\"type\":\"linux\"}"));
  EXPECT_THAT(json, HasSubstr("agent-name"));
  for (const char* ours : {"\"ip\"", "\"mac\"", "debian", "x86_64", "web-7"}) EXPECT_THAT(json, Not(HasSubstr(ours)));
}

TEST(ConstantParts, NodePointersAreStableAndBounded) {
  ConstantParts parts(agent(), host());
  const ConstantPart* first = parts.of_node("n");
  EXPECT_EQ(parts.of_node("n"), first);
  for (size_t i = 1; i < ConstantParts::kNodesMax; ++i) parts.of_node("n" + std::to_string(i));
  EXPECT_THAT(first->json(), HasSubstr("\"name\":\"n\""));
  EXPECT_EQ(parts.of_node("n"), first);
  for (size_t i = 0; i < 3 * ConstantParts::kNodesMax; ++i) parts.of_node("m" + std::to_string(i));
  EXPECT_THAT(parts.of_node("n")->json(), HasSubstr("\"name\":\"n\""));
}

TEST(ConstantParts, RefreshReadsAgainNowAndThenAndKeepsTheId) {
  int reads = 0;
  HostInfo later = host();
  later.id = "other";
  later.ip = {"192.0.2.8"};
  ConstantParts parts(agent(), host(), [&]() -> Result<HostInfo> {
    ++reads;
    return later;
  });
  parts.refresh(0);
  parts.refresh(ConstantParts::kRefreshEvery - 1);
  EXPECT_EQ(reads, 0);
  parts.refresh(ConstantParts::kRefreshEvery);
  EXPECT_EQ(reads, 1);
  EXPECT_THAT(parts.own()->json(), HasSubstr("192.0.2.8"));
  EXPECT_THAT(parts.own()->json(), HasSubstr(host().id));
  const ConstantPart* same = parts.own();
  parts.refresh(2 * ConstantParts::kRefreshEvery);
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(parts.own(), same);  // nothing changed, nothing rendered
}

TEST(ConstantParts, AFailedRefreshKeepsWhatWasKnown) {
  ConstantParts parts(agent(), host(), []() -> Result<HostInfo> { return fail(Errc::io, "gone"); });
  parts.refresh(0);
  parts.refresh(ConstantParts::kRefreshEvery);
  EXPECT_THAT(parts.own()->json(), HasSubstr("192.0.2.7"));
}

}  // namespace
}  // namespace acta
