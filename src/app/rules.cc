#include "app/rules.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/load.h"
#include "sys/audit/rule_set.h"

namespace acta {
namespace {

using kaudit::Rule;
using kaudit::RuleChange;
using kaudit::RuleScript;

void print_bad(const RuleScript& script) {
  for (const std::string& line : script.bad) std::fprintf(stderr, "actabeat: error: %s\n", line.c_str());
}

// Rules of the files, or without one those of the input audit_netlink in the configuration.
Result<RuleScript> wanted(const RulesOptions& options) {
  if (!options.files.empty()) return kaudit::read_rules(options.files, "");
  auto config = load(options.config);
  if (!config) return tl::unexpected(config.error());
  RuleScript script;
  for (const InputConfig& input : config->inputs) {
    if (!input.enabled || input.type != "audit_netlink") continue;
    const auto& settings = input.settings;
    script.append(kaudit::read_rules(
        settings.has("audit_rule_files") ? settings.list("audit_rule_files") : std::vector<std::string>{},
        settings.has("audit_rules") ? settings.text("audit_rules") : ""));
  }
  return script;
}

// What is asked for against what the kernel has.
Result<std::vector<RuleChange>> changes(const RulesOptions& options, kaudit::Control& control, bool& bad) {
  auto script = wanted(options);
  if (!script) return tl::unexpected(script.error());
  print_bad(*script);
  bad = !script->bad.empty();
  auto there = control.rules();
  if (!there) return tl::unexpected(there.error());
  return kaudit::difference(*script, *there, options.replace);
}

std::string line_of(const RuleChange& change) {
  return fmt::format("{} {}", change.op == Rule::Op::remove ? '-' : '+', kaudit::print_rule(change.bytes));
}

}  // namespace

int list_rules() {
  auto control = kaudit::open_control();
  if (!control) return print_error(control.error());
  auto rules = (*control)->rules();
  if (!rules) return print_error(rules.error());
  for (const kaudit::RuleBytes& rule : *rules) std::puts(kaudit::print_rule(rule).c_str());
  if (rules->empty()) std::puts("No rules");
  return 0;
}

int check_rules(const RulesOptions& options) {
  const auto script = wanted(options);
  if (!script) return print_error(script.error());
  print_bad(*script);
  std::puts(fmt::format("{} rules are good, {} lines are not", script->rules.size(), script->bad.size()).c_str());
  return script->bad.empty() ? 0 : 1;
}

int diff_rules(const RulesOptions& options) {
  auto control = kaudit::open_control();
  if (!control) return print_error(control.error());
  bool bad = false;
  const auto all = changes(options, **control, bad);
  if (!all) return print_error(all.error());
  for (const RuleChange& change : *all) std::puts(line_of(change).c_str());
  return bad ? 1 : 0;
}

int apply_rules(const RulesOptions& options) {
  auto control = kaudit::open_control();
  if (!control) return print_error(control.error());
  bool bad = false;
  const auto all = changes(options, **control, bad);
  if (!all) return print_error(all.error());
  if (bad && options.strict) {
    std::fprintf(stderr, "actabeat: error: strict: nothing was changed\n");
    return 1;
  }
  for (const RuleChange& change : *all) {
    const auto done =
        change.op == Rule::Op::remove ? (*control)->delete_rule(change.bytes) : (*control)->add_rule(change.bytes);
    std::puts(line_of(change).c_str());
    if (!done) {
      bad = true;
      std::fprintf(stderr, "actabeat: error: %s: %s\n", change.where.c_str(), done.error().what.c_str());
    }
  }
  return bad ? 1 : 0;
}

}  // namespace acta
