// Rules as auditctl -l prints them.
#include <fmt/format.h>
#include <libaudit.h>

#include <cstring>

#include "sys/audit/rule_set.h"

namespace acta::kaudit {
namespace {

constexpr uint32_t kUnset = UINT32_MAX;
constexpr int kCallsMax = AUDIT_BITMASK_SIZE * 32;

const char* filter_name(uint32_t filter) {
  switch (filter) {
    case AUDIT_FILTER_TASK:
      return "task";
    case AUDIT_FILTER_EXIT:
      return "exit";
    case AUDIT_FILTER_USER:
      return "user";
    case AUDIT_FILTER_EXCLUDE:
      return "exclude";
    case AUDIT_FILTER_FS:
      return "filesystem";
    default:
      return "unknown";
  }
}

bool is_string_field(uint32_t field) {
  switch (field) {
    case AUDIT_WATCH:
    case AUDIT_DIR:
    case AUDIT_EXE:
    case AUDIT_FILTERKEY:
    case AUDIT_SUBJ_USER:
    case AUDIT_SUBJ_ROLE:
    case AUDIT_SUBJ_TYPE:
    case AUDIT_SUBJ_SEN:
    case AUDIT_SUBJ_CLR:
    case AUDIT_OBJ_USER:
    case AUDIT_OBJ_ROLE:
    case AUDIT_OBJ_TYPE:
    case AUDIT_OBJ_LEV_LOW:
    case AUDIT_OBJ_LEV_HIGH:
      return true;
    default:
      return false;
  }
}

// The fixed part of struct audit_rule_data, which ends in an array without a length.
struct Head {
  uint32_t flags, action, field_count;
  uint32_t mask[AUDIT_BITMASK_SIZE];
  uint32_t fields[AUDIT_MAX_FIELDS], values[AUDIT_MAX_FIELDS], fieldflags[AUDIT_MAX_FIELDS];
  uint32_t buflen;
};
static_assert(sizeof(Head) == sizeof(audit_rule_data));

// The rule's parts, with its strings taken from the buffer in order.
struct Parts {
  std::vector<std::string> texts;  // one for each field; empty where it is a number
  bool good = false;
  Head head{};

  explicit Parts(const RuleBytes& rule) {
    if (rule.size() < sizeof head) return;
    std::memcpy(&head, rule.data(), sizeof head);
    size_t at = sizeof head;
    if (head.field_count > AUDIT_MAX_FIELDS) return;
    for (uint32_t i = 0; i < head.field_count; ++i) {
      texts.emplace_back();
      if (!is_string_field(head.fields[i])) continue;
      if (head.values[i] > rule.size() - at) return;
      texts.back() = rule.substr(at, head.values[i]);
      at += head.values[i];
    }
    good = true;
  }
  [[nodiscard]] bool all_calls() const {
    for (int i = 0; i < AUDIT_BITMASK_SIZE - 1; ++i) {
      if (head.mask[i] != UINT32_MAX) return false;
    }
    return true;
  }
};

std::string permissions(uint32_t bits) {
  std::string text;
  if ((bits & AUDIT_PERM_READ) != 0) text += 'r';
  if ((bits & AUDIT_PERM_WRITE) != 0) text += 'w';
  if ((bits & AUDIT_PERM_EXEC) != 0) text += 'x';
  if ((bits & AUDIT_PERM_ATTR) != 0) text += 'a';
  return text;
}

std::string keys(const std::string& joined, std::string_view before) {
  std::string text;
  for (size_t at = 0; at <= joined.size();) {
    const size_t end = std::min(joined.find('\1', at), joined.size());
    text += fmt::format(" {}{}", before, std::string_view(joined).substr(at, end - at));
    at = end + 1;
  }
  return text;
}

// -w PATH -p PERMS -k KEY, where the rule is such.
std::string print_watch(const Parts& rule) {
  const Head& head = rule.head;
  if (head.field_count < 2 || head.flags != AUDIT_FILTER_EXIT || head.action != AUDIT_ALWAYS || !rule.all_calls())
    return {};
  if ((head.fields[0] != AUDIT_WATCH && head.fields[0] != AUDIT_DIR) || head.fields[1] != AUDIT_PERM) return {};
  if (head.field_count > 3 || (head.field_count == 3 && head.fields[2] != AUDIT_FILTERKEY)) return {};
  std::string text = fmt::format("-w {} -p {}", rule.texts[0], permissions(head.values[1]));
  if (head.field_count == 3) text += keys(rule.texts[2], "-k ");
  return text;
}

// The calls of -S, by name for the architecture of the rule, else of this machine.
std::string calls(const Parts& rule) {
  if (rule.all_calls()) return " -S all";
  int machine = audit_detect_machine();
  for (uint32_t i = 0; i < rule.head.field_count; ++i) {
    if (rule.head.fields[i] == AUDIT_ARCH) machine = audit_elf_to_machine(rule.head.values[i]);
  }
  std::string text;
  for (int call = 0; call < kCallsMax; ++call) {
    if ((rule.head.mask[call / 32] & (1u << (call % 32))) == 0) continue;
    const char* name = audit_syscall_to_name(call, machine);
    text += text.empty() ? " -S " : ",";
    text += name != nullptr ? name : std::to_string(call);
  }
  return text;
}

std::string arch(uint32_t value) {
  const int machine = audit_elf_to_machine(value);
  if (machine < 0) return fmt::format("{:#x}", value);
  const bool is_64 = (value & __AUDIT_ARCH_64BIT) != 0;
  return audit_detect_machine() == machine || !is_64 ? (is_64 ? "b64" : "b32") : audit_machine_to_name(machine);
}

// The fields of AUDIT_COMPARE_* (linux/audit.h), by number from 1; libaudit does not tell them.
constexpr std::pair<const char*, const char*> kCompared[] = {
    {"uid", "obj_uid"},  {"gid", "obj_gid"},  {"euid", "obj_uid"},  {"egid", "obj_gid"},  {"auid", "obj_uid"},
    {"suid", "obj_uid"}, {"sgid", "obj_gid"}, {"fsuid", "obj_uid"}, {"fsgid", "obj_gid"}, {"uid", "auid"},
    {"uid", "euid"},     {"uid", "fsuid"},    {"uid", "suid"},      {"auid", "fsuid"},    {"auid", "suid"},
    {"auid", "euid"},    {"euid", "suid"},    {"euid", "fsuid"},    {"suid", "fsuid"},    {"gid", "egid"},
    {"gid", "fsgid"},    {"gid", "sgid"},     {"egid", "fsgid"},    {"egid", "sgid"},     {"sgid", "fsgid"}};

std::string print_comparison(uint32_t number, const char* op) {
  if (number == 0 || number > std::size(kCompared)) return fmt::format(" -C {}{}", number, op);
  return fmt::format(" -C {}{}{}", kCompared[number - 1].first, op, kCompared[number - 1].second);
}

// One -F, or -C for a comparison of two fields.
std::string print_field(const Parts& rule, uint32_t i) {
  const uint32_t field = rule.head.fields[i], value = rule.head.values[i];
  const char* name = audit_field_to_name(static_cast<int>(field));
  const char* op = audit_operator_to_symbol(static_cast<int>(rule.head.fieldflags[i]));
  const std::string left =
      fmt::format(" -F {}{}", name != nullptr ? name : std::to_string(field), op != nullptr ? op : "=");
  if (field == AUDIT_FIELD_COMPARE) return print_comparison(value, op != nullptr ? op : "=");
  if (field == AUDIT_FILTERKEY) return keys(rule.texts[i], "-F key=");
  if (is_string_field(field)) return left + rule.texts[i];
  if (field == AUDIT_ARCH) return left + arch(value);
  if (field == AUDIT_PERM) return left + permissions(value);
  if (field == AUDIT_EXIT && static_cast<int32_t>(value) < 0) {
    const char* error = audit_errno_to_name(-static_cast<int32_t>(value));
    return error != nullptr ? fmt::format("{}-{}", left, error)
                            : fmt::format("{}{}", left, static_cast<int32_t>(value));
  }
  if (field == AUDIT_MSGTYPE && audit_msg_type_to_name(static_cast<int>(value)) != nullptr)
    return left + audit_msg_type_to_name(static_cast<int>(value));
  if (field == AUDIT_FILETYPE && audit_ftype_to_name(static_cast<int>(value)) != nullptr)
    return left + audit_ftype_to_name(static_cast<int>(value));
  if (field == AUDIT_FSTYPE && audit_fstype_to_name(static_cast<int>(value)) != nullptr)
    return left + audit_fstype_to_name(static_cast<int>(value));
  if (field >= AUDIT_ARG0 && field <= AUDIT_ARG3) return fmt::format("{}0x{:X}", left, value);
  return value == kUnset ? left + "-1" : left + std::to_string(value);
}

}  // namespace

std::string print_rule(const RuleBytes& bytes) {
  const Parts rule(bytes);
  if (!rule.good) return "(not a rule)";
  if (std::string watch = print_watch(rule); !watch.empty()) return watch;
  const uint32_t filter = rule.head.flags & AUDIT_FILTER_MASK;
  std::string text = fmt::format("-a {},{}", rule.head.action == AUDIT_NEVER ? "never" : "always", filter_name(filter));
  // auditctl prints the architecture before the calls: it says whose they are.
  for (uint32_t i = 0; i < rule.head.field_count; ++i) {
    if (rule.head.fields[i] == AUDIT_ARCH) text += print_field(rule, i);
  }
  if (filter == AUDIT_FILTER_EXIT) text += calls(rule);
  for (uint32_t i = 0; i < rule.head.field_count; ++i) {
    if (rule.head.fields[i] != AUDIT_ARCH) text += print_field(rule, i);
  }
  return text;
}

}  // namespace acta::kaudit
