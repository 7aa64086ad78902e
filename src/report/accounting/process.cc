#include "report/accounting/process.h"

#include <bit>

namespace acta::report::accounting {
namespace {

constexpr int64_t kWithPids = 3;  // the first version of records that has them

/// comp_t: 13 bits of fraction, 3 of exponent to the base 8.
double comp(const Document& document, std::string_view path) {
  const auto bits = static_cast<uint64_t>(document.number(path).value_or(0));
  return static_cast<double>((bits & 0x1fffu) << (3u * ((bits >> 13) & 7u)));
}

double number(const Document& document, std::string_view path) {
  return static_cast<double>(document.number(path).value_or(0));
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 0;
}

std::string command_of(const Document& document) {
  const std::string_view hex = document.text("acct.comm_hex");
  if (hex.empty()) return std::string(document.text("process.name").substr(0, Process::kCommandBytes));
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size() && bytes.size() < Process::kCommandBytes; i += 2)
    bytes.push_back(static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1])));
  return bytes;
}

// The tools hold ac_etime in a float whatever the record has.
double elapsed_of(const Document& document, int64_t version) {
  const auto raw = static_cast<uint32_t>(document.number("acct.elapsed.raw").value_or(0));
  if (version >= 3) return static_cast<double>(std::bit_cast<float>(raw));
  if (version < 2) return static_cast<double>(static_cast<float>(comp(document, "acct.elapsed.comp")));
  const uint32_t fraction = raw & 0x7ffffu;
  const uint32_t exponent = (raw >> 19) & 0x1fu;
  const uint64_t ticks = exponent == 0 ? fraction : uint64_t{fraction | 0x80000u} << (exponent - 1);
  return static_cast<double>(static_cast<float>(ticks));
}

// The name, or the number as the tools print it: signed.
std::string name_or_number(std::string_view name, std::string_view id) {
  if (!name.empty()) return std::string(name);
  uint64_t value = 0;
  for (const char c : id) value = value * 10 + static_cast<uint64_t>(c - '0');
  return std::to_string(static_cast<int32_t>(static_cast<uint32_t>(value)));
}

}  // namespace

bool read_process(const Document& document, Process& process) {
  const auto version = document.number("acct.version");
  const auto begin = document.number("acct.btime");
  if (!version || !begin) return false;
  process.command = command_of(document);
  process.user = name_or_number(document.text("user.name"), document.text("acct.uid"));
  process.group = name_or_number(document.text("user.group.name"), document.text("acct.gid"));
  const std::string_view tty = document.text("acct.tty");
  process.tty = tty.empty() ? "__" : std::string(tty);
  process.host = document.host();
  process.flags = static_cast<unsigned>(document.number("acct.flag_bits").value_or(0));
  process.user_ticks = comp(document, "acct.cpu.user.comp");
  process.system_ticks = comp(document, "acct.cpu.system.comp");
  process.elapsed_ticks = elapsed_of(document, *version);
  process.io = comp(document, "acct.io.comp");
  process.memory_kb = comp(document, "acct.memory.comp");
  process.minor_faults = number(document, "acct.faults.minor");
  process.major_faults = number(document, "acct.faults.major");
  process.swaps = number(document, "acct.swaps");
  process.ahz = static_cast<double>(document.number("acct.ahz").value_or(100));
  process.begin = *begin;
  process.pid = *version >= kWithPids ? document.number("process.pid").value_or(-1) : -1;
  process.parent = *version >= kWithPids ? document.number("process.parent.pid").value_or(-1) : -1;
  return true;
}

}  // namespace acta::report::accounting
