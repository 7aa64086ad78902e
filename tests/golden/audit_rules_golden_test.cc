// Rules against the kernel bytes that auditctl made of them, as another project recorded them.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "support/shared.h"
#include "sys/audit/rule_set.h"

namespace acta::test {
namespace {

constexpr std::string_view kMachines[] = {"aarch64", "x86_64"};

// The machine that auditctl ran on, by the file's first line.
std::string machine_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  for (const std::string_view machine : kMachines) {
    if (line.find(machine) != std::string::npos) return std::string(machine);
  }
  return "x86_64";
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The rule's length by what it says of its strings.
size_t size_of(const std::string& rule) {
  audit_rule_data head{};
  std::memcpy(&head, rule.data(), sizeof head);
  return sizeof head + head.buflen;
}

TEST(AuditRulesGolden, BytesAreThoseOfAuditctl) {
  SKIP_WITHOUT_SHARED(shared);
  // A watch asks the file system what it watches; on the recording host this was a folder.
  const std::string folder = "/tmp/audit-test/etc/sudoers.d";
  std::filesystem::create_directories(folder);
  size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*shared + "/golden/beats/go-libaudit/rule/testdata")) {
    if (entry.path().extension() != ".yml") continue;
    const std::string machine = machine_of(entry.path());
    for (const YAML::Node& node : YAML::LoadFile(entry.path())["rules"]) {
      const auto written = node["flags"].as<std::string>();
      const auto binary = node["bytes"].as<YAML::Binary>();
      std::string expected(reinterpret_cast<const char*>(binary.data()), binary.size());
      const size_t length = size_of(expected);
      EXPECT_LT(expected.size() - length, sizeof(uint32_t)) << "netlink pads messages to four bytes";
      expected.resize(length);
      const std::string flags = replace_all(written, "arch=b64", "arch=" + machine);
      const kaudit::RuleScript script = kaudit::parse_rules(flags, entry.path().filename());
      ASSERT_EQ(script.rules.size(), 1u) << written << "\n" << (script.bad.empty() ? "" : script.bad[0]);
      EXPECT_TRUE(script.rules[0].bytes == expected)
          << entry.path().filename() << ": " << written << "\nours:     " << kaudit::print_rule(script.rules[0].bytes)
          << "\nexpected: " << kaudit::print_rule(expected);
      ++compared;
    }
  }
  EXPECT_GT(compared, 60u);
  std::filesystem::remove_all("/tmp/audit-test");
}

}  // namespace
}  // namespace acta::test
