#include "processors/condition.h"

#include <gtest/gtest.h>

#include "app/components.h"
#include "config/loader.h"
#include "event/encoder.h"
#include "processors/network_set.h"

namespace acta {
namespace {

/// The condition as the loader reads it.
Result<Condition> compile(const std::string& when) {
  LoadOptions options;
  Catalog catalog = make_catalog();
  constexpr static Option kNone[] = {{.key = "x", .type = Option::Type::text, .fallback = "", .help = ""}};
  catalog.inputs = {{"any", "", kNone}};
  const auto config = parse_config(
      "c.yml", "actabeat.inputs: [{type: any}]\noutput.console: {}\nprocessors: [{drop_event.when: " + when + "}]",
      catalog, options);
  if (!config) return tl::unexpected(config.error());
  return Condition::compile(*config->processors.at(0).when);
}

class ConditionTest : public testing::Test {
 protected:
  ConditionTest() {
    event_.set(FieldId::kProcessName, "bash");
    event_.set(FieldId::kProcessPid, int64_t{42});
    event_.set(FieldId::kProcessInteractive, true);
    event_.set(FieldId::kAcctElapsedTicks, 2.5);
    event_.set(FieldId::kSourceIp, "10.1.2.3");
    event_.set(FieldId::kDestinationIp, "2001:db8::1");
    event_.add(FieldId::kProcessArgs, "ls");
    event_.add(FieldId::kProcessArgs, "--all");
    event_.put(FieldId::kAuditdData, "syscall", "openat");
    event_.put(FieldId::kAuditdData, "exit", "-13");
    event_.put(FieldId::kLabels, "env", "prod");
    event_.put_in(FieldId::kAuditdPaths, 0, "name", "/etc/passwd");
    event_.put_in(FieldId::kAuditdPaths, 1, "name", "/etc/shadow");
    event_.put_in(FieldId::kAuditdPaths, 1, "mode", "file,600", "interpreted");
  }

  bool matches(const std::string& when) {
    const auto condition = compile(when);
    EXPECT_TRUE(condition) << when << ": " << condition.error().what;
    return condition && condition->matches(event_);
  }

  Event event_;
};

TEST_F(ConditionTest, Equals) {
  EXPECT_TRUE(matches("{equals: {process.name: bash}}"));
  EXPECT_FALSE(matches("{equals: {process.name: bas}}"));
  EXPECT_TRUE(matches("{equals: {process.pid: 42}}"));
  EXPECT_FALSE(matches("{equals: {process.pid: 43}}"));
  EXPECT_TRUE(matches("{equals: {process.interactive: true}}"));
  EXPECT_FALSE(matches("{equals: {process.interactive: false}}"));
  EXPECT_TRUE(matches("{equals: {process: {name: bash, pid: 42}}}"));
  EXPECT_FALSE(matches("{equals: {process: {name: bash, pid: 43}}}"));
  EXPECT_TRUE(matches("{equals.auditd.data.syscall: openat}"));
  EXPECT_TRUE(matches("{equals.labels.env: prod}"));
  EXPECT_TRUE(matches("{equals.process.args: --all}"));
  EXPECT_FALSE(matches("{equals.user.name: \"\"}"));
}

TEST_F(ConditionTest, ListsOfObjects) {
  EXPECT_TRUE(matches("{equals.auditd.paths.name: /etc/shadow}"));
  EXPECT_TRUE(matches("{contains.auditd.paths.interpreted.mode: 600}"));
  EXPECT_FALSE(matches("{contains.auditd.paths.mode: 600}"));
}

TEST_F(ConditionTest, ContainsAndRegexp) {
  EXPECT_TRUE(matches("{contains: {process.args: all}}"));
  EXPECT_FALSE(matches("{contains: {process.name: zsh}}"));
  EXPECT_TRUE(matches("{regexp: {auditd.paths.name: '^/etc/sh'}}"));
  EXPECT_TRUE(matches("{regexp: {process.name: a.h}}"));
  EXPECT_FALSE(matches("{regexp: {process.name: ^a}}"));
}

TEST_F(ConditionTest, Range) {
  EXPECT_TRUE(matches("{range: {process.pid: {gte: 42, lt: 43}}}"));
  EXPECT_FALSE(matches("{range: {process.pid: {gt: 42}}}"));
  EXPECT_TRUE(matches("{range: {process.pid.lte: 42}}"));
  EXPECT_TRUE(matches("{range: {auditd.data.exit.lt: 0}}"));
  EXPECT_FALSE(matches("{range: {auditd.data.syscall.lt: 0}}"));
  EXPECT_TRUE(matches("{range: {acct.elapsed.ticks: {gt: 2.4, lt: 2.6}}}"));
  EXPECT_FALSE(matches("{range: {process.parent.pid.gte: 0}}"));
}

TEST_F(ConditionTest, Network) {
  EXPECT_TRUE(matches("{network: {source.ip: 10.0.0.0/8}}"));
  EXPECT_TRUE(matches("{network: {source.ip: [192.168.0.0/16, private]}}"));
  EXPECT_FALSE(matches("{network: {source.ip: public}}"));
  EXPECT_TRUE(matches("{network: {destination.ip: 2001:db8::/32}}"));
  EXPECT_FALSE(matches("{network: {process.name: 0.0.0.0/0}}"));
}

TEST_F(ConditionTest, HasFields) {
  EXPECT_TRUE(matches("{has_fields: [process.name, source.ip]}"));
  EXPECT_FALSE(matches("{has_fields: [process.name, user.name]}"));
  EXPECT_TRUE(matches("{has_fields: [process]}"));
  EXPECT_FALSE(matches("{has_fields: [user]}"));
  EXPECT_TRUE(matches("{has_fields: [auditd.data.exit]}"));
  EXPECT_FALSE(matches("{has_fields: [auditd.data.uid]}"));
  EXPECT_FALSE(matches("{has_fields: ['@timestamp']}"));
}

TEST_F(ConditionTest, Combinations) {
  EXPECT_TRUE(matches("{and: [{equals.process.pid: 42}, {not.equals.process.name: zsh}]}"));
  EXPECT_FALSE(matches("{and: [{equals.process.pid: 42}, {equals.process.name: zsh}]}"));
  EXPECT_TRUE(matches("{or: [{equals.process.pid: 1}, {equals.process.name: bash}]}"));
  EXPECT_FALSE(matches("{or: [{equals.process.pid: 1}, {equals.process.name: zsh}]}"));
}

TEST_F(ConditionTest, SeesTheConstantPart) {
  Event constant;
  constant.set(FieldId::kHostName, "web1");
  constant.add(FieldId::kHostIp, "10.0.0.1");
  const ConstantPart part(std::move(constant));
  event_.set_constant(&part);
  EXPECT_TRUE(matches("{equals.host.name: web1}"));
  EXPECT_TRUE(matches("{network.host.ip: private}"));
  EXPECT_TRUE(matches("{has_fields: [host.name]}"));
}

TEST(ConditionErrors, SayWhereAndWhat) {
  const auto what = [](const std::string& when) {
    const auto condition = compile(when);
    return condition ? "no error" : condition.error().what;
  };
  EXPECT_EQ(what("{equals.process.nmae: x}"),
            "c.yml:3:33: field 'process.nmae' is not known; did you mean 'process.name'?");
  EXPECT_EQ(what("{equals.process.parent: x}"), "c.yml:3:33: 'process.parent' is a group of fields, not one");
  EXPECT_EQ(what("{equals.process.pid: x}"),
            "c.yml:3:33: field 'process.pid' is an integer; 'x' can never be equal to it");
  EXPECT_EQ(what("{equals.process.interactive: 1}"),
            "c.yml:3:33: field 'process.interactive' is true or false; '1' can never be equal to it");
  EXPECT_EQ(what("{contains.process.pid: 4}"), "c.yml:3:33: field 'process.pid' is no text; use equals or range");
  EXPECT_EQ(what("{equals.event.created: x}"),
            "c.yml:3:33: field 'event.created' is a date: only has_fields can ask for it");
  EXPECT_EQ(what("{regexp.process.name: '('}"), "c.yml:3:33: '(' is no regular expression of RE2: missing ): (");
  EXPECT_EQ(what("{network.source.ip: 10.0.0.0/33}"),
            "c.yml:3:33: '10.0.0.0/33' is no network; write it as 10.0.0.0/8, or by a name such as private");
}

TEST(NetworkSet, KnowsNamesAndBits) {
  const auto in = [](std::string_view network, std::string_view address) {
    NetworkSet set;
    EXPECT_TRUE(set.add(network)) << network;
    return set.contains(address);
  };
  EXPECT_TRUE(in("10.0.0.0/9", "10.127.255.255"));
  EXPECT_FALSE(in("10.0.0.0/9", "10.128.0.0"));
  EXPECT_TRUE(in("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(in("0.0.0.0/0", "::1"));
  EXPECT_TRUE(in("::/0", "::1"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(in("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(in("loopback", "127.9.9.9"));
  EXPECT_TRUE(in("loopback", "::1"));
  EXPECT_TRUE(in("unspecified", "::"));
  EXPECT_TRUE(in("private", "172.31.0.1"));
  EXPECT_FALSE(in("private", "172.32.0.1"));
  EXPECT_TRUE(in("private", "fd12::1"));
  EXPECT_TRUE(in("link_local_unicast", "fe80::1"));
  EXPECT_TRUE(in("multicast", "239.0.0.1"));
  EXPECT_TRUE(in("link_local_multicast", "224.0.0.5"));
  EXPECT_FALSE(in("link_local_multicast", "224.0.1.5"));
  EXPECT_TRUE(in("interface_local_multicast", "ff01::1"));
  EXPECT_TRUE(in("unicast", "10.0.0.1"));
  EXPECT_FALSE(in("unicast", "255.255.255.255"));
  EXPECT_TRUE(in("public", "8.8.8.8"));
  EXPECT_FALSE(in("public", "10.0.0.1"));
  EXPECT_FALSE(in("public", "not an address"));
  NetworkSet set;
  for (const char* bad : {"", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "::/129", "privat", "1.2.3", "10.0.0.0/8/9"}) {
    EXPECT_FALSE(set.add(bad)) << bad;
  }
}

}  // namespace
}  // namespace acta
