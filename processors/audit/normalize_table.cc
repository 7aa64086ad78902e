#include "processors/audit/normalize_table.h"

#include <libaudit.h>

#include <array>

#include "processors/audit/interpret.h"

namespace acta::audit {
namespace {

constexpr size_t kNumbersMax = 1024;  ///< system call numbers of one architecture that are looked up by array
constexpr uint32_t kCachedArchs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64};

using RulesByNumber = std::array<std::array<const Rule*, kNumbersMax>, std::size(kCachedArchs)>;

const RulesByNumber& rules_by_number() {
  static const RulesByNumber kRules = [] {
    RulesByNumber rules{};
    for (size_t arch = 0; arch < rules.size(); ++arch) {
      for (size_t number = 0; number < kNumbersMax; ++number) {
        rules[arch][number] = rule_for_syscall(syscall_name(kCachedArchs[arch], static_cast<int32_t>(number)));
      }
    }
    return rules;
  }();
  return kRules;
}

}  // namespace

const Rule* rule_for_syscall(uint32_t arch, int32_t number) {
  const RulesByNumber& rules = rules_by_number();
  if (number < 0 || static_cast<size_t>(number) >= kNumbersMax) return rule_for_syscall(syscall_name(arch, number));
  for (size_t n = 0; n < std::size(kCachedArchs); ++n) {
    if (kCachedArchs[n] == arch) return rules[n][static_cast<size_t>(number)];
  }
  return rule_for_syscall(syscall_name(arch, number));
}

const Rule* rule_for_apparmor(std::string_view word) {
  constexpr std::string_view kPrefix = "APPARMOR_";
  if (word == "KILLED") word = "KILL";
  for (uint16_t type = AUDIT_AA; type <= AUDIT_AA + 7; ++type) {
    const Rule* rule = rule_for_type(type);
    if (rule != nullptr && rule->name.starts_with(kPrefix) && rule->name.substr(kPrefix.size()) == word) return rule;
  }
  return rule_for_type(AUDIT_AA);
}

const Refinement* refinement(const Rule& rule, std::string_view value) {
  for (const Refinement& one : rule.refinements) {
    if (one.value == value) return &one;
  }
  return nullptr;
}

}  // namespace acta::audit
