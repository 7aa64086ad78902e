#include <gtest/gtest.h>

#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::Ran;
using test::run_actabeat;

constexpr const char* kHint = "Run 'actabeat --help', or 'actabeat COMMAND --help', for what is possible.\n";

TEST(CommandLine, WrongUseIsTwo) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "actabeat: A subcommand is required\n"},
      {"rnu", "actabeat: there is no command 'rnu'; did you mean 'run'?\n"},
      {"frobnicate -c x", "actabeat: there is no command 'frobnicate'\n"},
      {"run --onec", "actabeat: The following argument was not expected: --onec\n"},
      {"replay", "actabeat: FILE is required\n"},
      {"replay --type tar x", "actabeat: --type: tar not in {audit,pacct}\n"},
      {"test", "actabeat: A subcommand is required\n"},
      {"run -c", "actabeat: -c: 1 required FILE missing\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const Ran ran = run_actabeat(std::string(arguments) + " 2>&1");
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_EQ(ran.output, std::string(message) + kHint) << arguments;
  }
}

TEST(CommandLine, HelpIsNoError) {
  for (const char* arguments : {"--help", "run --help", "replay -h", "test config --help", "export --help"}) {
    const Ran ran = run_actabeat(arguments);
    EXPECT_EQ(ran.status, 0) << arguments;
    EXPECT_NE(ran.output.find("Usage:"), std::string::npos) << arguments;
  }
}

TEST(CommandLine, TellsTheVersion) {
  const Ran ran = run_actabeat("version");
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(ran.output.starts_with("actabeat version " ACTA_VERSION " ")) << ran.output;
}

TEST(TestConfig, AcceptsWhatIsShipped) {
  ::setenv("ES_API_KEY", "id:key", 1);
  ::setenv("KAFKA_PASSWORD", "x", 1);
  for (const char* file : {"config/actabeat.yml", "config/quickstart.yml", "config/agent-elasticsearch.yml",
                           "config/agent-kafka.yml", "config/indexer.yml"}) {
    const Ran ran = run_actabeat("test config --strict.perms=false -c " + test::source_path(file) + " 2>&1");
    EXPECT_EQ(ran.output, "Config OK\n") << file;
    EXPECT_EQ(ran.status, 0) << file;
  }
}

TEST(TestConfig, FieldsInTheNameOfAnIndexAreKnown) {
  const test::TempDir dir;
  const std::string file = dir.write("a.yml",
                                     "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.elasticsearch:\n"
                                     "  hosts: [es1]\n  index: logs-%{[process.nam]}\n");
  const Ran ran = run_actabeat("test config --strict.perms=false -c " + file + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.output.find("elasticsearch: field 'process.nam' is not known; did you mean 'process.name'?"),
            std::string::npos)
      << ran.output;
}

TEST(TestConfig, SaysEverythingThatIsWrong) {
  const test::TempDir dir;
  const std::string file =
      dir.write("a.yml",
                "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.file: {path: /o, rotate_evry_kb: 5}\n"
                "loging.level: debug\n");
  const Ran ran = run_actabeat("test config --strict.perms=false -c " + file + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output, "actabeat: error: " + file +
                            ":2:25: key 'output.file.rotate_evry_kb' is not known; did you mean 'rotate_every_kb'?\n"
                            "actabeat: error: " +
                            file + ":3:1: key 'loging' is not known; did you mean 'logging'?\n");
}

TEST(TestConfig, FindsWhatOnlyComponentsKnow) {
  const test::TempDir dir;
  const std::string file =
      dir.write("a.yml",
                "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.console: {}\nprocessors:\n"
                "  - redact: {patterns: ['(']}\n  - drop_event.when.equals.process.nmae: x\n");
  const Ran ran = run_actabeat("test config --strict.perms=false -c " + file + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output,
            "actabeat: error: " + file + ":4:5: redact: '(' is no regular expression of RE2: missing ): (\n" +
                "actabeat: error: " + file + ":5:5: field 'process.nmae' is not known; did you mean 'process.name'?\n");
}

TEST(TestConfig, RefusesAFileThatOthersMayWrite) {
  const test::TempDir dir;
  const std::string file =
      dir.write("a.yml", "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.console: {}\n");
  std::filesystem::permissions(file, std::filesystem::perms::all);
  const Ran ran = run_actabeat("test config -c " + file + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output, "actabeat: error: " + file +
                            " may be written by others than its owner (mode 0777); chmod go-w " + file +
                            ", or pass --strict.perms=false\n");
  EXPECT_EQ(run_actabeat("test config --strict.perms=false -c " + file).status, 0);
}

TEST(Export, PrintsAConfigurationThatLoads) {
  const test::TempDir dir;
  const Ran first = run_actabeat("export config --strict.perms=false -E logging.level=error -c " +
                                 test::source_path("config/quickstart.yml"));
  ASSERT_EQ(first.status, 0);
  EXPECT_NE(first.output.find("\nlogging.level: error\n"), std::string::npos) << first.output;
  const Ran again = run_actabeat("export config --strict.perms=false -c " + dir.write("b.yml", first.output) + " 2>&1");
  EXPECT_EQ(again.output, first.output);
}

TEST(Export, PrintsFieldsAndSchema) {
  const Ran yaml = run_actabeat("export fields");
  EXPECT_EQ(yaml.status, 0);
  EXPECT_NE(yaml.output.find("- name: process.args\n  type: keyword\n  array: true\n"), std::string::npos);
  const Ran json = run_actabeat("export fields --json");
  EXPECT_NE(json.output.find(R"({"name":"process.args","type":"keyword","array":true})"), std::string::npos);
  const Ran schema = run_actabeat("export schema");
  EXPECT_EQ(schema.status, 0);
  EXPECT_TRUE(schema.output.starts_with(R"({"$schema":"https://json-schema.org/draft/2020-12/schema")"));
}

TEST(Export, PrintsWhatSetupMakes) {
  const Ran elasticsearch = run_actabeat("export template --version 8.19");
  EXPECT_EQ(elasticsearch.status, 0);
  EXPECT_TRUE(elasticsearch.output.starts_with("PUT /_component_template/actabeat-mappings\n{"))
      << elasticsearch.output;
  EXPECT_NE(elasticsearch.output.find("PUT /_index_template/actabeat.audit\n"), std::string::npos);
  EXPECT_NE(elasticsearch.output.find("\"flattened\""), std::string::npos);
  const Ran opensearch = run_actabeat("export template --distribution opensearch --version 2.11");
  EXPECT_EQ(opensearch.status, 0);
  for (const char* lacking : {"\"flattened\"", "\"wildcard\"", "\"match_only_text\"", "\"constant_keyword\""})
    EXPECT_EQ(opensearch.output.find(lacking), std::string::npos) << lacking;
  EXPECT_TRUE(run_actabeat("export ilm-policy").output.starts_with("PUT /_ilm/policy/actabeat\n"));
  EXPECT_TRUE(run_actabeat("export ilm-policy --distribution opensearch")
                  .output.starts_with("PUT /_plugins/_ism/policies/actabeat\n"));
  EXPECT_NE(run_actabeat("export pipeline --geoip").output.find("\"geoip\""), std::string::npos);
  const Ran wrong = run_actabeat("export template --version eight 2>&1");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(wrong.output, "actabeat: error: --version: 'eight' is no version of a server, such as 8.19\n");
}

TEST(Setup, NeedsAnOutputToSetUp) {
  const test::TempDir dir;
  const std::string file =
      dir.write("a.yml", "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.console: {}\n");
  const Ran ran = run_actabeat("setup --strict.perms=false -c " + file + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output, "actabeat: error: " + file + ": there is no output.elasticsearch to set up\n");
}

TEST(TestOutput, LooksAtTheDirectoryOfFiles) {
  const test::TempDir dir;
  const auto look = [&](const std::string& path) {
    const std::string file =
        dir.write("a.yml", "actabeat.inputs: [{type: audit_log, paths: [/x]}]\noutput.file.path: " + path + "\n");
    return run_actabeat("test output --strict.perms=false -c " + file + " 2>&1");
  };
  const Ran good = look(dir / "new/deep");
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_NE(good.output.find("  ok    directory: " + dir / "new/deep" + ", to be made in " + dir.path() + "\n"),
            std::string::npos)
      << good.output;
  EXPECT_NE(good.output.find(" MiB free\n"), std::string::npos) << good.output;
  EXPECT_FALSE(std::filesystem::exists(dir / "new")) << "it changes nothing";
  const Ran bad = look(dir.write("file", "x") + "/below");
  EXPECT_EQ(bad.status, 1);
  EXPECT_NE(bad.output.find("  FAIL  directory: "), std::string::npos) << bad.output;
}

TEST(Export, SaysThatOutputCannotBeWritten) {
  const Ran ran = run_actabeat("export fields 2>&1 >/dev/full");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output, "actabeat: error: cannot write to standard output\n");
}

}  // namespace
}  // namespace acta
