#pragma once
#include "app/options.h"

namespace acta {

/// actabeat rules list: the kernel's rules, as auditctl prints them. Each returns the exit status.
int list_rules();
/// actabeat rules check FILE...: what is wrong with rule files; 1 when something is.
int check_rules(const RulesOptions& options);
/// actabeat rules diff: what `apply` would do, with + and -.
int diff_rules(const RulesOptions& options);
/// actabeat rules apply: makes the kernel's rules those of the files, or of the configuration; a result for each.
int apply_rules(const RulesOptions& options);

}  // namespace acta
