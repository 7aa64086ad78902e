#include <gtest/gtest.h>
#include <libaudit.h>

#include <cstring>

#include "support/fake_audit.h"
#include "support/shared.h"
#include "support/temp_dir.h"
#include "sys/audit/rule_parser.h"
#include "sys/audit/rule_set.h"

namespace acta::kaudit {
namespace {

RuleBytes rule(const std::string& text) {
  RuleScript script = parse_rules(text, "test");
  EXPECT_TRUE(script.bad.empty()) << script.bad[0];
  EXPECT_EQ(script.rules.size(), 1u) << text;
  return script.rules.empty() ? RuleBytes{} : script.rules[0].bytes;
}

std::string bad(const std::string& text) {
  const RuleScript script = parse_rules(text, "test");
  EXPECT_EQ(script.bad.size(), 1u) << text;
  EXPECT_TRUE(script.rules.empty()) << text;
  return script.bad.empty() ? "" : script.bad[0];
}

// What auditctl -l prints of each, for an x86_64 machine.
TEST(AuditRules, ArePrintedAsAuditctlDoes) {
  for (const auto& [text, printed] : std::vector<std::pair<std::string, std::string>>{
           {"-a always,exit -F arch=b64 -S execve -k exec", "-a always,exit -F arch=b64 -S execve -F key=exec"},
           {"-a exit,always -F arch=b64 -S open,openat -F exit=-EACCES -k access",
            "-a always,exit -F arch=b64 -S open,openat -F exit=-EACCES -F key=access"},
           {"-w /nowhere/passwd -p wa -k identity", "-w /nowhere/passwd -p wa -k identity"},
           {"-w /nowhere/passwd/ -p w", "-w /nowhere/passwd -p w"},
           {"-w /nowhere/x", "-w /nowhere/x -p rwxa"},
           {"-a never,task", "-a never,task"},
           {"-a always,exclude -F msgtype=CRYPTO_KEY_USER", "-a always,exclude -F msgtype=CRYPTO_KEY_USER"},
           {"-a never,user -F uid=33", "-a never,user -F uid=33"},
           {"-a always,exit -F arch=b64 -S chmod -F auid>=1000 -F auid!=unset -F key=perm",
            "-a always,exit -F arch=b64 -S chmod -F auid>=1000 -F auid!=-1 -F key=perm"},
           {"-a always,exit -F dir=/nowhere -F perm=wa -k one -k two", "-w /nowhere -p wa -k one -k two"},
           {"-a always,exit -F arch=b64 -S chown -C auid!=obj_uid -k own",
            "-a always,exit -F arch=b64 -S chown -C auid!=obj_uid -F key=own"},
           {"-a always,exit -F arch=b64 -S clone -F a0&0x7C020000 -F key=c",
            "-a always,exit -F arch=b64 -S clone -F a0&0x7C020000 -F key=c"},
       }) {
    const std::string got = print_rule(rule(text));
    EXPECT_EQ(got, printed) << text;
  }
}

TEST(AuditRules, WhatIsPrintedIsTheSameRuleAgain) {
  for (const std::string text :
       {"-a always,exit -F arch=b64 -S execve,execveat -F success=1 -k exec", "-w /nowhere/x -p wa -k a -k b",
        "-a always,exit -F arch=b32 -S all -F path=/nowhere/y -F perm=x -F auid!=unset",
        "-a never,exclude -F msgtype=CWD", "-a always,exit -F arch=b64 -S kill -F a1=9 -F path=/bin/false"}) {
    const RuleBytes bytes = rule(text);
    EXPECT_TRUE(same_rule(rule(print_rule(bytes)), bytes)) << print_rule(bytes);
  }
}

TEST(AuditRules, AFieldThatTheKernelIsAskedFor) {
  const std::string text = "-a always,exit -F arch=b64 -S kill -F a1=0x9 -F exe=/bin/false";
  if (audit_get_features() == 0) {
    EXPECT_NE(bad(text).find("'exe=/bin/false': whether this kernel knows it could not be asked"), std::string::npos);
    GTEST_SKIP() << "LOUD SKIP: the kernel tells its audit features to CAP_AUDIT_CONTROL in the first PID namespace";
  }
  const RuleBytes bytes = rule(text);
  EXPECT_EQ(print_rule(bytes), text);
  EXPECT_TRUE(same_rule(rule(print_rule(bytes)), bytes));
}

TEST(AuditRules, WordsMayBeQuoted) {
  const std::string plain = print_rule(rule("-w /nowhere/x -p wa -k k"));
  EXPECT_EQ(print_rule(rule(R"(-w "/nowhere/x"  -p 'wa' -k k)")), plain);
  EXPECT_EQ(print_rule(rule(R"(-w "/nowhere/with space" -p wa -k k)")), "-w /nowhere/with space -p wa -k k");
  EXPECT_EQ(print_rule(rule(R"(-w '/nowhere/it"s' -p wa -k k)")), "-w /nowhere/it\"s -p wa -k k");
  EXPECT_EQ(print_rule(rule(R"(-w /nowhere/with\ space -p wa -k k)")), "-w /nowhere/with space -p wa -k k");
}

TEST(AuditRules, ABadLineIsToldAndTheOthersStay) {
  const RuleScript script =
      parse_rules("# comment\n\n-w /a -p wa -k a\n-a always,exit -S nosuch\n  -w /b -p wa -k b\n", "x.rules");
  EXPECT_EQ(script.rules.size(), 2u);
  EXPECT_EQ(script.rules[1].where, "x.rules:5");
  ASSERT_EQ(script.bad.size(), 1u);
  EXPECT_EQ(script.bad[0], "x.rules:4: 'nosuch': no such system call on this architecture");
}

TEST(AuditRules, EachMistakeIsNamed) {
  EXPECT_NE(bad("-a always,exit -F nosuch=1").find("no such field"), std::string::npos);
  EXPECT_NE(bad("-a always,exit -F auid=nosuchuser").find("'auid=nosuchuser'"), std::string::npos);
  EXPECT_NE(bad("-a always,exit -F arch=vax -S open").find("machine"), std::string::npos);
  EXPECT_NE(bad("-a always,exit -S open -F arch=b64").find("must come before -S"), std::string::npos);
  EXPECT_NE(bad("-a sometimes,exit -S open").find("always or never"), std::string::npos);
  EXPECT_NE(bad("-w relative -p wa").find("must begin with /"), std::string::npos);
  EXPECT_NE(bad("-w /a -p wz").find("rwxa"), std::string::npos);
  EXPECT_NE(bad("-w /a -p").find("needs a value"), std::string::npos);
  EXPECT_NE(bad("-w '/a -p wa").find("not closed"), std::string::npos);
  EXPECT_NE(bad("-w /a -w /b").find("exclude each other"), std::string::npos);
  EXPECT_NE(bad("-k only").find("needs a rule"), std::string::npos);
  EXPECT_NE(bad("-a always,exclude -S open").find("exit filter only"), std::string::npos);
  EXPECT_NE(bad("-a always,exit -F exit=-ENOSUCH").find("no such error name"), std::string::npos);
  EXPECT_NE(bad("-a always,exclude -F msgtype=NOSUCH").find("no such record type"), std::string::npos);
  EXPECT_NE(bad("-f 3").find("from 0 to 2"), std::string::npos);
  EXPECT_NE(bad("hello").find("no option"), std::string::npos);
}

TEST(AuditRules, SettingsAreReadToo) {
  const RuleScript script = parse_rules("-D\n-b 8192\n-f 0\n-r 100\n--backlog_wait_time 0\n-e 2\n-c\n-i\n", "x");
  EXPECT_TRUE(script.bad.empty());
  EXPECT_TRUE(script.delete_all);
  EXPECT_EQ(script.settings.mask, uint32_t{Change::kEnabled | Change::kFailure | Change::kRateLimit |
                                           Change::kBacklogLimit | Change::kWaitTime});
  EXPECT_EQ(script.settings.to.backlog_limit, 8192u);
  EXPECT_EQ(script.settings.to.enabled, 2u);
}

std::vector<std::string> changes(const std::string& wanted, const std::vector<std::string>& there,
                                 bool replace = false) {
  std::vector<RuleBytes> kernel;
  for (const std::string& text : there) kernel.push_back(rule(text));
  std::vector<std::string> said;
  for (const RuleChange& change : difference(parse_rules(wanted, "w"), kernel, replace))
    said.push_back((change.op == Rule::Op::remove ? "- " : "+ ") + print_rule(change.bytes));
  return said;
}

TEST(AuditRules, TheDifferenceIsWhatIsMissingAndNothingElse) {
  const std::string a = "-w /nowhere/a -p wa -k a", b = "-w /nowhere/b -p wa -k b", c = "-w /nowhere/c -p wa -k c";
  using Said = std::vector<std::string>;
  EXPECT_EQ(changes(a + "\n" + b, {}), (Said{"+ " + a, "+ " + b}));
  EXPECT_EQ(changes(a + "\n" + b, {a, b}), Said{});
  EXPECT_EQ(changes(a + "\n" + b, {c, a}), (Said{"+ " + b}));
  EXPECT_EQ(changes(a + "\n" + b, {c, a}, true), (Said{"- " + c, "+ " + b}));
  EXPECT_EQ(changes("-D\n" + a, {c, a}), (Said{"- " + c}));
  EXPECT_EQ(changes("-W /nowhere/a -p wa -k a", {c, a}), (Said{"- " + a}));
  EXPECT_EQ(changes("-W /nowhere/a -p wa -k a", {c}), Said{});
  EXPECT_EQ(changes(a + "\n" + a, {}), (Said{"+ " + a})) << "twice wanted, once added";
}

TEST(AuditRules, ARuleThatWasPrependedIsTheSame) {
  EXPECT_TRUE(same_rule(rule("-A always,exit -F arch=b64 -S open"), rule("-a always,exit -F arch=b64 -S open")));
}

TEST(AuditRules, FilesAreFoundByPatternInOrder) {
  const test::TempDir dir;
  dir.write("20-b.rules", "-w /nowhere/b -p wa\n");
  dir.write("10-a.rules", "-w /nowhere/a -p wa\n-q\n");
  const RuleScript script =
      read_rules({dir / "*.rules", dir / "none*.rules", dir / "missing.rules"}, "-w /nowhere/c -p wa");
  ASSERT_EQ(script.rules.size(), 3u);
  EXPECT_EQ(script.rules[0].where, dir / "10-a.rules" + ":1");
  EXPECT_EQ(script.rules[2].where, "audit_rules:1");
  ASSERT_EQ(script.bad.size(), 2u);
  EXPECT_NE(script.bad[0].find("10-a.rules:2"), std::string::npos);
  EXPECT_NE(script.bad[1].find("missing.rules: no such rule file"), std::string::npos);
}

// The sets that are shipped hold rules only.
TEST(AuditRules, ShippedSetsAreGood) {
  const RuleScript script = read_rules({test::source_path("config/rules.d") + "/*.rules"}, "");
  EXPECT_TRUE(script.bad.empty()) << script.bad[0];
  EXPECT_GT(script.rules.size(), 40u);
  for (const Rule& rule : script.rules)
    EXPECT_NE(print_rule(rule.bytes).find("key="), print_rule(rule.bytes).find("-k "));
}

}  // namespace
}  // namespace acta::kaudit
