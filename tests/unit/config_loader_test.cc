#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "config/loader.h"
#include "config/permissions.h"
#include "support/temp_dir.h"
#include "support/test_catalog.h"

namespace acta {
namespace {

using test::good_config;
using test::parse;

TEST(ConfigLoader, GivesDefaults) {
  const auto config = parse(good_config());
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->path_data, "/var/lib/actabeat");
  EXPECT_EQ(config->dead_letters_path, "/var/lib/actabeat/dead_letters");
  EXPECT_EQ(config->shutdown_timeout, 10 * kSecond);
  EXPECT_EQ(config->assembly.age, 2 * kSecond);
  EXPECT_EQ(config->assembly.bytes_max, 4u << 20);
  EXPECT_EQ(config->queue.events, 65536u);
  EXPECT_EQ(config->logging.level, log::Level::info);
  EXPECT_TRUE(config->logging.to_stderr);
  EXPECT_EQ(config->logging.file, "");
  ASSERT_EQ(config->inputs.size(), 1u);
  EXPECT_EQ(config->inputs[0].id, "audit_log");
  EXPECT_TRUE(config->inputs[0].enabled);
  EXPECT_EQ(config->inputs[0].settings.list("paths"), std::vector<std::string>{"/a"});
  EXPECT_EQ(config->inputs[0].settings.duration("poll.interval"), 10 * kSecond);
  ASSERT_EQ(config->outputs.size(), 1u);
  EXPECT_EQ(config->outputs[0].settings.text("permissions"), "0600");
  EXPECT_EQ(config->outputs[0].settings.duration("backoff.max"), 60 * kSecond);
  EXPECT_FALSE(config->outputs[0].settings.has("password"));
  EXPECT_EQ(config->outputs[0].where, "a.yml:2:1");
}

TEST(ConfigLoader, TakesKeysInEveryForm) {
  const std::string inputs = "actabeat.inputs: [{type: audit_log, paths: [/a]}]\n";
  for (const char* form :
       {"output.file.path: /x\noutput.file.rotate_every_kb: 5", "output.file: {path: /x, rotate_every_kb: 5}",
        "output: {file: {path: /x, rotate_every_kb: 5}}", "output: {file.path: /x}\noutput.file.rotate_every_kb: 5",
        "output.file:\noutput.file.path: /x\noutput: {file: {rotate_every_kb: \"5\"}}"}) {
    const auto config = parse(inputs + form);
    ASSERT_TRUE(config) << form << config.error().what;
    EXPECT_EQ(config->outputs.at(0).settings.text("path"), "/x") << form;
    EXPECT_EQ(config->outputs.at(0).settings.integer("rotate_every_kb"), 5) << form;
  }
}

TEST(ConfigLoader, TakesSeveralOutputsAndDisabledOnes) {
  const auto config = parse(good_config("output.console: {pretty: yes, enabled: false}\n"));
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->outputs.size(), 2u);
  EXPECT_TRUE(config->outputs[0].enabled);
  EXPECT_FALSE(config->outputs[1].enabled);
  EXPECT_TRUE(config->outputs[1].settings.boolean("pretty"));
}

TEST(ConfigLoader, ADisabledComponentMayLackWhatIsRequired) {
  const auto config = parse(
      "actabeat.inputs: [{type: audit_log, paths: /a}, {type: pacct, enabled: false}]\noutput.console:\n"
      "output.file.enabled: false");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_FALSE(config->inputs[1].enabled);
  EXPECT_FALSE(config->outputs[1].settings.has("path"));
}

TEST(ConfigLoader, TakesOneValueForAList) {
  const auto config = parse("actabeat.inputs: [{type: audit_log, paths: /a}]\noutput.console: {}");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->inputs[0].settings.list("paths"), std::vector<std::string>{"/a"});
}

TEST(ConfigLoader, PutsVariablesIn) {
  const auto config = parse(
      "name: ${A}-${B:b}-${C:${A}}-$${A}\nhost.id: \"${D:x:y}\"\nqueue.mem.events: ${N}\nlogging.level: ${E:warning}\n"
      "actabeat.inputs: [{type: audit_log, paths: '${P}'}, {type: pacct, paths: ['${P}', /c]}]\noutput.console.pretty: "
      "${T}",
      {}, {{"A", "a ${B}"}, {"N", "64"}, {"P", "/a, /b"}, {"T", "true"}, {"E", ""}});
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->name, "a ${B}-b-a ${B}-${A}");  // what a variable holds is not looked at again
  EXPECT_EQ(config->host_id, "x:y");
  EXPECT_EQ(config->queue.events, 64u);
  EXPECT_EQ(config->inputs[0].settings.list("paths"), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(config->inputs[1].settings.list("paths"), (std::vector<std::string>{"/a, /b", "/c"}));
  EXPECT_EQ(config->logging.level, log::Level::info);  // set, and empty: as if the key were not there
  EXPECT_TRUE(config->outputs[0].settings.boolean("pretty"));
}

TEST(ConfigLoader, BoundsWhatVariablesGrowTo) {
  std::string value = "name: \"";
  for (int i = 0; i < 5000; ++i) value += "${A}";
  const auto config = parse(good_config(value + "\"\n"), {}, {{"A", std::string(1000, 'x')}});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what, "a.yml:3:7: longer than 65536 bytes once its variables are in");
}

TEST(ConfigLoader, OverridesInOrder) {
  const auto config = parse(good_config("logging.level: error\nlogging.json: true\n"),
                            {"logging.level=debug", "output.file.path=/x", "output.file={mode: fast}",
                             "logging.level=warning", "output.file.rotate_every_kb=${K:7}", "output.console.pretty=yes",
                             "actabeat.users=", "actabeat.inputs=[{type: pacct, paths: [/p]}]", "name=a=b"});
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->logging.level, log::Level::warning);
  EXPECT_TRUE(config->logging.json);
  EXPECT_EQ(config->name, "a=b");
  const Settings& file = config->outputs.at(0).settings;
  EXPECT_EQ(file.text("path"), "/x");
  EXPECT_EQ(file.text("mode"), "fast");
  EXPECT_EQ(file.integer("rotate_every_kb"), 7);
  EXPECT_TRUE(config->outputs.at(1).settings.boolean("pretty"));
  ASSERT_EQ(config->inputs.size(), 1u);
  EXPECT_EQ(config->inputs[0].type, "pacct");
}

TEST(ConfigLoader, AnOverrideWithoutAValueTakesAway) {
  const auto config = parse(good_config("actabeat.users: {passwd: /p, group: /g}\n"), {"actabeat.users="});
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->users.passwd, "");
}

TEST(ConfigLoader, ReadsProcessorsInOrder) {
  const auto config =
      parse(good_config("processors:\n  - add_fields: {fields: {a: 1, b.c: d}}\n  - drop_event:\n      when:\n"
                        "        or:\n          - equals: {process.name: x, process.pid: 1}\n"
                        "          - not.range.process.pid: {gte: 5, lt: 9}\n"
                        "          - and: [{network.source.ip: [private, 10.0.0.0/8]}, {has_fields: [a.b]}]\n"
                        "  - drop_event:\n"));
  ASSERT_TRUE(config) << config.error().what;
  ASSERT_EQ(config->processors.size(), 3u);
  EXPECT_EQ(config->processors[0].settings.text("target"), "labels");
  EXPECT_EQ(config->processors[0].settings.map("fields"),
            (std::map<std::string, std::string>{{"a", "1"}, {"b.c", "d"}}));
  EXPECT_FALSE(config->processors[0].when);
  ASSERT_TRUE(config->processors[1].when);
  const ConditionSpec& when = *config->processors[1].when;
  EXPECT_EQ(when.op, ConditionSpec::Op::any);
  ASSERT_EQ(when.children.size(), 3u);
  EXPECT_EQ(when.children[0].where, "a.yml:8:13");
  ASSERT_EQ(when.children[0].tests.size(), 2u);
  EXPECT_EQ(when.children[0].tests[0].field, "process.name");
  EXPECT_EQ(when.children[0].tests[1].values, std::vector<std::string>{"1"});
  const ConditionSpec& range = when.children[1].children.at(0);
  ASSERT_EQ(range.tests.size(), 2u);
  EXPECT_EQ(range.tests[1].field, "process.pid");
  EXPECT_EQ(range.tests[1].bound, "lt");
  EXPECT_EQ(when.children[2].children.at(0).tests.at(0).values, (std::vector<std::string>{"private", "10.0.0.0/8"}));
  EXPECT_EQ(when.children[2].children.at(1).tests.at(0).field, "a.b");
}

TEST(ConfigLoader, ReportsAtMostFiftyProblems) {
  std::string text = good_config();
  for (int i = 0; i < 3000; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  const auto config = parse(text);
  ASSERT_FALSE(config);
  const std::string& what = config.error().what;
  EXPECT_EQ(std::count(what.begin(), what.end(), '\n'), 50);
  EXPECT_TRUE(what.ends_with("\nand 2950 more")) << what;
}

TEST(ConfigLoader, RefusesWhatIsTooLarge) {
  EXPECT_EQ(parse(std::string((1u << 20) + 1, '#')).error().what, "a.yml: larger than 1048576 bytes");
  EXPECT_EQ(parse(std::string("a\0b", 3)).error().what, "a.yml: not a text file: byte 1 is 0");
  std::string many = "a: [";
  for (int i = 0; i < 30'000; ++i) many += "x,";
  EXPECT_TRUE(parse(many + "x]").error().what.ends_with("more than 20000 values"));
}

TEST(ConfigPermissions, AreRootsOrTheRunners) {
  const auto check = [](uint32_t owner, uint32_t mode, uint32_t uid) {
    return config::check_permissions("/etc/a.yml", {.mode = S_IFREG | mode, .uid = owner}, uid);
  };
  EXPECT_TRUE(check(0, 0644, 1000));
  EXPECT_TRUE(check(1000, 0600, 1000));
  EXPECT_TRUE(check(0, 0444, 0));
  EXPECT_EQ(
      check(1001, 0600, 1000).error().what,
      "/etc/a.yml belongs to user 1001: it must belong to root or to the user who runs this (1000); chown it, or pass "
      "--strict.perms=false");
  EXPECT_EQ(check(1000, 0600, 0).error().code, Errc::denied);
  EXPECT_EQ(check(0, 0664, 0).error().what,
            "/etc/a.yml may be written by others than its owner (mode 0664); chmod go-w /etc/a.yml, or pass "
            "--strict.perms=false");
  EXPECT_EQ(check(0, 0602, 0).error().code, Errc::denied);
}

TEST(ConfigPermissions, AreAskedOfTheFile) {
  const test::TempDir dir;
  const std::string path = dir.path() + "/a.yml";
  std::ofstream(path) << good_config();
  PosixFs fs;
  LoadOptions options;
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(load_config(fs, path, test::test_catalog(), options).error().code, Errc::denied);
  options.strict_perms = false;
  EXPECT_TRUE(load_config(fs, path, test::test_catalog(), options));
  options.strict_perms = true;
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  const auto config = load_config(fs, path, test::test_catalog(), options);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->inputs[0].where, path + ":1:19");
  EXPECT_EQ(load_config(fs, dir.path(), test::test_catalog(), options).error().what,
            dir.path() + " is a directory, not a configuration file");
  EXPECT_EQ(load_config(fs, path + "x", test::test_catalog(), options).error().code, Errc::io);
}

TEST(ConfigLoader, AsksTheEnvironment) {
  ::setenv("ACTABEAT_TEST_VARIABLE", "value", 1);
  EXPECT_EQ(environment_variable("ACTABEAT_TEST_VARIABLE").value()->value, "value");
  ::unsetenv("ACTABEAT_TEST_VARIABLE");
  EXPECT_FALSE(environment_variable("ACTABEAT_TEST_VARIABLE").value());
}

}  // namespace
}  // namespace acta
