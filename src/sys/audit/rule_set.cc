#include "sys/audit/rule_set.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>

#include "base/fs.h"

namespace acta::kaudit {
namespace {

constexpr size_t kFileMax = 4u << 20;

bool holds(const std::vector<RuleBytes>& rules, const RuleBytes& rule) {
  return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

bool same_rule(const RuleBytes& a, const RuleBytes& b) {
  return without_prepend(a) == without_prepend(b);
}

std::vector<RuleChange> difference(const RuleScript& wanted, const std::vector<RuleBytes>& there, bool replace) {
  std::vector<RuleChange> changes;
  std::vector<RuleBytes> kernel, kept;
  for (const RuleBytes& rule : there) kernel.push_back(without_prepend(rule));
  const auto take_away = [&](const RuleBytes& rule, const std::string& text, const std::string& where) {
    changes.push_back({.op = Rule::Op::remove, .bytes = rule, .text = text, .where = where});
  };
  for (const Rule& rule : wanted.rules) {
    if (rule.op != Rule::Op::remove) kept.push_back(without_prepend(rule.bytes));
  }
  if (replace || wanted.delete_all) {
    for (const RuleBytes& rule : kernel) {
      if (!holds(kept, rule)) take_away(rule, print_rule(rule), "");
    }
    std::erase_if(kernel, [&](const RuleBytes& rule) { return !holds(kept, rule); });
  }
  for (const Rule& rule : wanted.rules) {
    const RuleBytes bytes = without_prepend(rule.bytes);
    const bool is_there = holds(kernel, bytes);
    if (rule.op == Rule::Op::remove) {
      if (is_there) take_away(bytes, rule.text, rule.where);
      std::erase(kernel, bytes);
    } else if (!is_there) {
      changes.push_back({.op = rule.op, .bytes = rule.bytes, .text = rule.text, .where = rule.where});
      kernel.push_back(bytes);
    }
  }
  return changes;
}

RuleScript read_rules(const std::vector<std::string>& patterns, const std::string& inline_rules) {
  RuleScript all;
  PosixFs fs;
  for (const std::string& pattern : patterns) {
    glob_t found{};
    const int status = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    std::ranges::sort(paths);
    const bool is_pattern = pattern.find_first_of("*?[") != std::string::npos;
    if (status != 0 && !is_pattern) all.bad.push_back(pattern + ": no such rule file");
    for (const std::string& path : paths) {
      auto text = read_file(fs, path, kFileMax);
      if (text) {
        all.append(parse_rules(*text, path));
      } else {
        all.bad.push_back(text.error().what);
      }
    }
  }
  if (!inline_rules.empty()) all.append(parse_rules(inline_rules, "audit_rules"));
  return all;
}

}  // namespace acta::kaudit
