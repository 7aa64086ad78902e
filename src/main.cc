#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "app/classic.h"
#include "app/export.h"
#include "app/export_index.h"
#include "app/keystore.h"
#include "app/options.h"
#include "app/replay.h"
#include "app/rules.h"
#include "app/run.h"
#include "app/setup.h"
#include "app/setup_dashboards.h"
#include "app/spool.h"
#include "app/test_config.h"
#include "app/test_output.h"
#include "app/test_system.h"
#include "app/version.h"
#include "base/spelling.h"

namespace {

constexpr int kUsageError = 2;
constexpr const char* kUsageHint = "Run 'actabeat --help', or 'actabeat COMMAND --help', for what is possible.\n";

void add_config_options(CLI::App& command, acta::ConfigOptions& options) {
  command.add_option("-c", options.file, "Configuration file")->type_name("FILE")->capture_default_str();
  command
      .add_option("-E", options.overrides, "Override a setting, for example -E logging.level=debug; may be repeated")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command.add_flag("--strict.perms,!--no-strict.perms", options.strict_perms,
                   "Refuse a configuration file that others own or may write (--strict.perms=false to allow it)");
}

/// The command line as data, and what it asks for.
struct CommandLine {
  acta::RunOptions run;
  acta::ReplayOptions replay;
  acta::TestConfigOptions test_config;
  acta::TestOutputOptions test_output;
  acta::ExportOptions exported;
  acta::ExportIndexOptions exported_index;
  acta::SetupOptions setup;
  acta::KeystoreOptions keystore;
  acta::SpoolOptions spool;
  acta::RulesOptions rules;
  CLI::App app{"Audit log and process accounting to ECS documents.", "actabeat"};
  CLI::App* command = nullptr;

  CommandLine() {
    app.require_subcommand(1);
    add_run();
    add_replay();
    CLI::App* test =
        app.add_subcommand("test", "Check the configuration, the outputs, or this host")->require_subcommand(1);
    add_config_options(*test->add_subcommand("config", "Check the configuration and say what is wrong with it"),
                       test_config.config);
    add_config_options(*test->add_subcommand("output", "Look at the destinations step by step; sends nothing"),
                       test_output.config);
    test->add_subcommand("system", "Say what this host can do, and what to do about what it cannot");
    add_export();
    add_setup();
    add_keystore();
    add_spool();
    add_rules();
    add_classic();
    app.add_subcommand("version", "Print the version");
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // Their options are the classic tools', which CLI11 does not read (-ts, -h for hosts): it hands the words over.
  void add_classic() {
    for (const acta::ClassicCommand& each : acta::classic_commands()) {
      app.add_subcommand(each.name, each.help)->prefix_command()->set_help_flag();
    }
  }

  void add_run() {
    CLI::App* sub = app.add_subcommand("run", "Read, and deliver to the outputs, until stopped");
    add_config_options(*sub, run.config);
    sub->add_flag("-e", run.to_stderr, "Log to standard error and not to files");
    sub->add_flag("--once", run.once, "Stop when all files are read and everything is delivered");
  }

  void add_replay() {
    CLI::App* sub = app.add_subcommand("replay", "Documents of finished files on standard output");
    sub->add_option("FILE", replay.files, "Audit logs or accounting files; - for standard input")->required();
    sub->add_option("--type", replay.type, "What the files are; told by their content otherwise")
        ->check(CLI::IsMember({"audit", "pacct"}));
    sub->add_flag("--pretty", replay.pretty, "Indent the documents");
    sub->add_flag("--original", replay.original, "Put the raw records into event.original");
    sub->add_flag("--explain-fields", replay.explain_fields, "Print where each field of each record goes");
    sub->add_option("--passwd", replay.passwd, "passwd(5) file to name user ids by");
    sub->add_option("--group", replay.group, "group(5) file to name group ids by");
    sub->add_option("--host-id", replay.host_id, "host.id of the documents; this host's machine-id otherwise");
  }

  void add_export() {
    CLI::App* sub = app.add_subcommand("export", "Print what the agent knows of itself")->require_subcommand(1);
    add_config_options(*sub->add_subcommand("config", "The effective configuration, defaults too, secrets hidden"),
                       exported.config);
    sub->add_subcommand("fields", "Every field of the documents")->add_flag("--json", exported.json, "As JSON");
    sub->add_subcommand("schema", "A JSON schema of the configuration");
    add_export_index(*sub->add_subcommand("template", "Component and index templates, as requests"));
    add_export_index(*sub->add_subcommand("ilm-policy", "The life cycle policy: ILM, of OpenSearch ISM"));
    add_export_index(*sub->add_subcommand("pipeline", "The ingest pipeline"));
  }

  void add_export_index(CLI::App& sub) {
    sub.add_option("--distribution", exported_index.distribution, "Kind of server")
        ->check(CLI::IsMember({"elasticsearch", "opensearch"}))
        ->capture_default_str();
    sub.add_option("--version", exported_index.version, "Its version, such as 8.19; the newest known otherwise");
    sub.add_option("--compat", exported_index.compat, "As output.elasticsearch.compat")
        ->check(CLI::IsMember({"none", "auditd_manager", "auditbeat"}));
    sub.add_option("--retention", exported_index.retention, "As setup.retention");
    sub.add_flag("--geoip", exported_index.geoip, "As setup.geoip");
  }

  void add_setup() {
    CLI::App* sub =
        app.add_subcommand("setup", "Make templates, life cycle and pipeline on Elasticsearch or OpenSearch");
    add_config_options(*sub, setup.config);
    sub->add_flag("--dry-run", setup.dry_run, "Say what would be done, and change nothing");
    sub->add_flag("--print", setup.print, "Print the requests for this server, and send none that changes it");
    sub->add_flag("--overwrite", setup.overwrite, "Replace what others have made or changed, too");
    sub->add_flag("--dashboards", setup.dashboards,
                  "Load the dashboards into Kibana or OpenSearch Dashboards (setup.kibana), and nothing else");
  }

  void add_keystore() {
    CLI::App* sub = app.add_subcommand("keystore", "Keep secrets for ${NAME} in the configuration, encrypted");
    sub->require_subcommand(1);
    CLI::App* create = sub->add_subcommand("create", "Make an empty keystore");
    create->add_flag("--force", keystore.force, "Replace the one that is there, with all its secrets");
    CLI::App* add = sub->add_subcommand("add", "Put a secret in; asks for it");
    add->add_option("NAME", keystore.name, "The NAME of ${NAME}")->required();
    add->add_flag("--stdin", keystore.from_stdin, "Read the secret from standard input");
    add->add_flag("--force", keystore.force, "Replace the secret that is there");
    sub->add_subcommand("list", "Print the names of the secrets");
    CLI::App* remove = sub->add_subcommand("remove", "Take secrets out");
    remove->add_option("NAME", keystore.names, "The names of the secrets")->required();
    for (CLI::App* each : sub->get_subcommands({})) add_config_options(*each, keystore.config);
  }

  int call_test() const {
    const CLI::App* sub = app.get_subcommand("test");
    if (sub->got_subcommand("system")) return acta::run_test_system();
    return sub->got_subcommand("output") ? acta::run_test_output(test_output) : acta::run_test_config(test_config);
  }

  void add_rules() {
    CLI::App* sub = app.add_subcommand("rules", "Audit rules: those of the kernel, of files, of the configuration");
    sub->require_subcommand(1);
    sub->add_subcommand("list", "Print the kernel's rules");
    CLI::App* check = sub->add_subcommand("check", "Say what is wrong with rules");
    CLI::App* diff = sub->add_subcommand("diff", "Print what apply would add and take away");
    CLI::App* apply = sub->add_subcommand("apply", "Make the kernel's rules those that are named");
    for (CLI::App* each : {check, diff, apply}) {
      each->add_option("FILE", rules.files, "Rule files or patterns; those of the configuration otherwise");
      add_config_options(*each, rules.config);
    }
    for (CLI::App* each : {diff, apply})
      each->add_flag("--replace", rules.replace, "Take away rules that are not named");
    apply->add_flag("--strict", rules.strict, "Change nothing when a line is bad");
  }

  int call_rules() const {
    const CLI::App* sub = app.get_subcommand("rules");
    if (sub->got_subcommand("list")) return acta::list_rules();
    if (sub->got_subcommand("check")) return acta::check_rules(rules);
    return sub->got_subcommand("diff") ? acta::diff_rules(rules) : acta::apply_rules(rules);
  }

  int call_keystore() const {
    const CLI::App* sub = app.get_subcommand("keystore");
    if (sub->got_subcommand("create")) return acta::create_keystore(keystore);
    if (sub->got_subcommand("add")) return acta::add_secret(keystore);
    if (sub->got_subcommand("remove")) return acta::remove_secrets(keystore);
    return acta::list_secrets(keystore);
  }

  void add_spool() {
    CLI::App* sub = app.add_subcommand("spool", "Look at the queue on disk and mend it")->require_subcommand(1);
    const auto add = [&](const char* name, const char* help) {
      CLI::App* made = sub->add_subcommand(name, help);
      add_config_options(*made, spool.config);
      made->add_flag("--json", spool.json, "Print JSON");
      return made;
    };
    const auto add_place = [&](const char* name, const char* help) {
      CLI::App* made = add(name, help);
      made->add_option("--path", spool.path, "The spool's directory; the configuration's otherwise");
      made->add_option("--key-file", spool.key_file, "Key of an encrypted spool; the configuration's otherwise");
      return made;
    };
    add_place("inspect", "Segments, outputs and what waits; safe beside a running agent");
    add_place("verify", "Read everything; status 1 when something is damaged or missing; safe beside a running agent");
    CLI::App* documents = add_place("export", "The documents, one a line; safe beside a running agent");
    documents->add_option("--output", spool.output, "Only what waits for this output");
    documents->add_option("--from", spool.from, "First offset");
    documents->add_option("--to", spool.to, "One past the last offset");
    documents->add_flag("--with-offset", spool.with_offset, "Say offset and id beside each document");
    add_place("compact", "Take out what every output has, and join small segments; stop the agent first");
    CLI::App* letters = add("replay-dead-letters", "Send the documents once more that an output rejected");
    letters->add_option("--output", spool.output, "Whose; needed when several outputs are configured");
    letters->add_flag("--refused-again", spool.refused_again, "Those that an earlier replay could not deliver");
  }

  int call_spool() {
    const CLI::App* sub = app.get_subcommand("spool");
    if (sub->got_subcommand("inspect")) return acta::run_spool_inspect(spool);
    if (sub->got_subcommand("verify")) return acta::run_spool_verify(spool);
    if (sub->got_subcommand("export")) return acta::run_spool_export(spool);
    if (sub->got_subcommand("compact")) return acta::run_spool_compact(spool);
    return acta::run_replay_dead_letters(spool);
  }

  int call() {
    for (const acta::ClassicCommand& each : acta::classic_commands()) {
      if (const CLI::App* sub = app.get_subcommand(each.name); sub->parsed()) return each.run(sub->remaining());
    }
    if (app.got_subcommand("run")) return acta::run_agent(run);
    if (app.got_subcommand("replay")) return acta::replay(replay);
    if (app.got_subcommand("test")) return call_test();
    if (app.got_subcommand("version")) return acta::run_version();
    if (app.got_subcommand("setup")) {
      return setup.dashboards ? acta::run_setup_dashboards(setup) : acta::run_setup(setup);
    }
    if (app.got_subcommand("keystore")) return call_keystore();
    if (app.got_subcommand("spool")) return call_spool();
    if (app.got_subcommand("rules")) return call_rules();
    const CLI::App* sub = app.get_subcommand("export");
    if (sub->got_subcommand("config")) return acta::run_export_config(exported);
    if (sub->got_subcommand("fields")) return acta::run_export_fields(exported);
    if (sub->got_subcommand("template")) return acta::run_export_template(exported_index);
    if (sub->got_subcommand("ilm-policy")) return acta::run_export_policy(exported_index);
    if (sub->got_subcommand("pipeline")) return acta::run_export_pipeline(exported_index);
    return acta::run_export_schema();
  }
};

/// Says so when the first word is no command: CLI11 would only ask for one.
bool is_unknown_command(const CommandLine& line, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  std::vector<std::string> names;
  for (const CLI::App* sub : line.app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == argv[1]) return false;
    names.push_back(sub->get_name());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::fprintf(stderr, "actabeat: there is no command '%s'%s\n%s", argv[1], acta::did_you_mean(argv[1], known).c_str(),
               kUsageHint);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  if (is_unknown_command(line, argc, argv)) return kUsageError;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return line.app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "actabeat: %s\n%s", error.what(), kUsageHint);
    return kUsageError;
  }
  return line.call();
}
