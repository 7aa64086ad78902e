#include "report/audit/words.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <cctype>
#include <span>

#include "report/audit/scan.h"

namespace acta::report::audit {
namespace {

constexpr std::string_view kShellSpecial = "\"'`$\\!()| ";
constexpr std::string_view kShellQuoteSpecial = "\"'`$\\!()| ;#&*?[]<>{}";

// SYS_SOCKET … of linux/net.h, from 1.
constexpr std::string_view kSocketCalls[] = {"socket",      "bind",        "connect",    "listen",     "accept",
                                             "getsockname", "getpeername", "socketpair", "send",       "recv",
                                             "sendto",      "recvfrom",    "shutdown",   "setsockopt", "getsockopt",
                                             "sendmsg",     "recvmsg",     "accept4",    "recvmmsg",   "sendmmsg"};

// linux/ipc.h
constexpr std::pair<uint64_t, std::string_view> kIpcCalls[] = {
    {1, "semop"},   {2, "semget"},  {3, "semctl"}, {4, "semtimedop"}, {11, "msgsnd"}, {12, "msgrcv"},
    {13, "msgget"}, {14, "msgctl"}, {21, "shmat"}, {22, "shmdt"},     {23, "shmget"}, {24, "shmctl"}};

std::string_view call_within(std::string_view call, uint64_t number) {
  if (call == "socketcall" && number >= 1 && number <= std::size(kSocketCalls)) return kSocketCalls[number - 1];
  if (call != "ipc") return {};
  const auto found = std::ranges::find(kIpcCalls, number, &std::pair<uint64_t, std::string_view>::first);
  return found == std::end(kIpcCalls) ? std::string_view() : found->second;
}

std::string octal(char byte) {
  return fmt::format("\\{:03o}", static_cast<unsigned char>(byte));
}

}  // namespace

std::string escaped(std::string_view text, Escape how) {
  if (how == Escape::raw) return std::string(text);
  const std::string_view special = how == Escape::shell         ? kShellSpecial
                                   : how == Escape::shell_quote ? kShellQuoteSpecial
                                                                : std::string_view();
  std::string out;
  for (const char byte : text) {
    if (static_cast<unsigned char>(byte) < 0x20) {
      out += octal(byte);
      continue;
    }
    if (special.find(byte) != std::string_view::npos) out.push_back('\\');
    out.push_back(byte);
  }
  return out;
}

TailWords::TailWords(std::string_view tail) {
  if (tail.starts_with("SADDR=")) {
    const size_t begin = tail.find('{');
    const size_t end = tail.find('}', begin == std::string_view::npos ? 0 : begin);
    if (begin != std::string_view::npos && end != std::string_view::npos)
      words_.emplace_back("saddr", tail.substr(begin, end - begin));
    return;
  }
  while (!tail.empty()) {
    const std::string_view word = tail.substr(0, tail.find(' '));
    tail.remove_prefix(std::min(tail.size(), word.size() + 1));
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    std::string name(word.substr(0, equals));
    std::ranges::transform(name, name.begin(), [](char c) { return std::tolower(static_cast<unsigned char>(c)); });
    words_.emplace_back(std::move(name), word.substr(equals + 1));
  }
}

std::string_view TailWords::find(std::string_view name) const {
  const auto found = std::ranges::find(words_, name, &std::pair<std::string, std::string_view>::first);
  return found == words_.end() ? std::string_view() : found->second;
}

TailWords words_of(const AuditEvent& event) {
  const bool taken = event.records.size() == 1 || event.type() == AUDIT_SYSCALL;
  return taken ? TailWords(event.records.front().tail) : TailWords();
}

std::string name_of(const AuditEvent& event, uint32_t id, bool group) {
  for (const IdName& known : event.names) {
    if (known.id == id && known.group == group) return known.name;
  }
  if (id == 0) return "root";
  if (id == Extracted::kUnset) return "unset";
  return fmt::format("unknown({})", static_cast<int32_t>(id));
}

std::string login_word(const AuditEvent& event, const TailWords& words, uint32_t id, bool interpret) {
  if (!interpret) return std::to_string(static_cast<int32_t>(id));
  if (id == Extracted::kUnset) return "unset";
  const std::string_view said = words.find("auid");
  if (said.empty()) return name_of(event, id);
  if (said.starts_with('"')) return std::string(said.substr(1, said.find('"', 1) - 1));
  return unescape(said).value_or(std::string(said));
}

std::string syscall_word(const Extracted& found, const TailWords& words, bool interpret) {
  if (!interpret) return std::to_string(found.syscall);
  if (const std::string_view said = words.find("syscall"); !said.empty()) return std::string(said);
  const int machine = audit_elf_to_machine(found.arch);
  if (machine < 0) return "?";
  const char* name = audit_syscall_to_name(found.syscall, machine);
  if (name == nullptr) return std::to_string(found.syscall);
  const std::string_view within = call_within(name, found.a0);
  return within.empty() ? std::string(name) : fmt::format("{}({})", name, within);
}

std::string_view success_word(int success) {
  if (success == Extracted::kFailed) return "no";
  return success == Extracted::kSucceeded ? "yes" : "unset";
}

std::string type_word(int type) {
  const char* name = audit_msg_type_to_name(type);
  return name == nullptr ? "(null)" : name;
}

}  // namespace acta::report::audit
