// The records that the kernel writes.
#include <arpa/inet.h>
#include <libaudit.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "report/audit/record_reader.h"

namespace acta::report::audit {
namespace {

constexpr size_t kHeadBytes = 28;  // type and stamp of a record of these types

/// The bytes that the hex digits at the beginning of `text` say.
std::string bytes_of(std::string_view text) {
  std::string bytes;
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  const auto is_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  while (text.size() >= 2 && is_digit(text[0]) && is_digit(text[1])) {
    bytes.push_back(static_cast<char>(digit(text[0]) << 4 | digit(text[1])));
    text.remove_prefix(2);
  }
  return bytes;
}

/// The numeric address of an inet or inet6 socket address that is long enough.
std::string numeric_address(int family, const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  constexpr size_t kInetAt = 4, kInet6At = 8, kScopeAt = 24;
  ::inet_ntop(family, bytes.data() + (family == AF_INET ? kInetAt : kInet6At), text, sizeof text);
  std::string address = text;
  if (family == AF_INET) return address;
  uint32_t scope = 0;
  std::memcpy(&scope, bytes.data() + kScopeAt, sizeof scope);
  // getnameinfo(3) names the interface of a link-local address on this host; the number holds everywhere.
  return scope == 0 ? address : address + "%" + std::to_string(scope);
}

}  // namespace

bool RecordReader::task() {
  const bool ids = number(kNeedParent, "ppid=", found_.parent, Missing::fine) &&
                   number(kNeedPid, " pid=", found_.pid, Missing::malformed) &&
                   login_of(Missing::malformed, End::space);
  if (!ids) return false;
  if (needs(kNeedUser)) {
    do {
      if (!scan_.find("uid=")) return false;
    } while (scan_.before("uid=") == 'a');
    const auto value = scan_.up_to(' ');
    if (!value) return false;
    found_.user = to_id(*value);
  }
  const bool more = number(kNeedGroup, "gid=", found_.group, Missing::malformed) &&
                    number(kNeedEffectiveUser, "euid=", found_.effective_user, Missing::malformed) &&
                    number(kNeedEffectiveGroup, "egid=", found_.effective_group, Missing::malformed) &&
                    word(kNeedTerminal, "tty=", found_.terminal) &&
                    number(kNeedSession, "ses=", found_.session, Missing::fine) &&
                    text(kNeedCommand, "comm=", found_.command, Missing::malformed);
  if (!more) return false;
  const size_t behind = scan_.place();
  scan_.restart();
  if (!text(kNeedExe, "exe=", found_.exe, Missing::malformed)) return false;
  if (!needs(kNeedExe)) scan_.go(behind);
  return subject("subj=", End::space) && numeric_result();
}

bool RecordReader::syscall() {
  if (needs(kNeedArch)) {
    if (!scan_.find("arch=")) return false;
    const auto arch = scan_.up_to(' ');
    if (!arch) return false;
    found_.arch = static_cast<uint32_t>(to_number(*arch, 16));
  }
  uint32_t call = 0;
  if (!number(kAlways, "syscall=", call, Missing::malformed)) return false;
  found_.syscall = static_cast<int>(call);
  if (needs(kNeedSuccess) && scan_.find("success=")) {  // exit_group has none
    const auto value = scan_.up_to(' ');
    if (!value) return false;
    found_.success = *value == "yes" ? Extracted::kSucceeded : Extracted::kFailed;
  }
  if (needs(kNeedExit)) {
    if (!scan_.find("exit=")) return false;
    const auto value = scan_.up_to(' ');
    if (!value) return false;
    found_.exit = static_cast<int64_t>(to_number(*value, 10));
  }
  for (auto [key, into] : {std::pair("a0=", &found_.a0), std::pair("a1=", &found_.a1)}) {
    if (!scan_.find(key)) return false;
    const auto value = scan_.up_to(' ');
    if (!value) return false;
    *into = to_number(*value, 16);
  }
  return task() && key_list();
}

bool RecordReader::directory() {
  if (!needs(kNeedFiles)) return true;
  scan_ = Scan(message_, kHeadBytes);
  std::optional<std::string> first = found_.directory;
  if (!text(kNeedFiles, " cwd=", found_.directory, Missing::fine)) return false;
  if (first) found_.directory = std::move(first);
  return true;
}

bool RecordReader::path() {
  scan_ = Scan(message_, kHeadBytes);
  if (needs(kNeedFiles) && scan_.find(" name=")) {
    if (!add_file(scan_.rest())) return false;
    // "nametype=" and the "objtype=" of older kernels; the rest of the record belongs to it.
    if (scan_.find("type=")) found_.files.back().nametype = scan_.rest();
  }
  object("obj=");
  return true;
}

bool RecordReader::socket_address() {
  if (!needs(kNeedHost | kNeedFiles) || !scan_.find("saddr=")) return true;
  found_.host.reset();
  const std::string bytes = bytes_of(scan_.rest());
  if (bytes.size() < 2) return scan_.at('(');
  uint16_t family = 0;
  std::memcpy(&family, bytes.data(),
              sizeof family);  // in the byte order of the host that wrote it, as the tools have it
  if (family == AF_INET || family == AF_INET6) {
    if (bytes.size() < (family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6))) return false;
    if (needs(kNeedHost)) found_.host = numeric_address(family, bytes);
    return true;
  }
  if (family != AF_UNIX) return true;
  if (bytes.size() < 4) return false;
  if (!needs(kNeedFiles)) return true;
  found_.has_files = true;
  const bool abstract = bytes[2] == '\0';
  found_.files.push_back({.name = bytes.c_str() + (abstract ? 3 : 2)});
  return true;
}

bool RecordReader::integrity() {
  if (!number(kAlways, "pid=", found_.pid, Missing::fine)) return false;
  if (!number(kNeedUser, " uid=", found_.user, Missing::fine)) return false;
  if (needs(kNeedLogin)) scan_.restart();
  const bool good = number(kNeedLogin, "auid=", found_.login, Missing::fine) &&
                    number(kNeedSession, "ses=", found_.session, Missing::fine) && subject("subj=", End::space) &&
                    text(kNeedCommand, "comm=", found_.command, Missing::fine) && file_after(" name=", Missing::fine);
  return good && numeric_result();
}

bool RecordReader::kernel_anomaly() {
  const bool ids = number(kNeedLogin, "auid=", found_.login, Missing::malformed, End::space_or_rest) &&
                   number(kNeedUser, "uid=", found_.user, Missing::fine) &&
                   number(kNeedGroup, "gid=", found_.group, Missing::fine) &&
                   number(kNeedSession, "ses=", found_.session, Missing::fine, End::space_or_rest);
  if (!ids || type_ == AUDIT_ANOM_PROMISCUOUS) return ids;
  const Missing exe = type_ == AUDIT_ANOM_ABEND ? Missing::fine : Missing::malformed;
  const bool task = subject("subj=", End::space) && number(kNeedPid, "pid=", found_.pid, Missing::fine) &&
                    text(kNeedCommand, "comm=", found_.command, Missing::fine) &&
                    text(kNeedExe, "exe=", found_.exe, exe);
  if (!task) return false;
  if (type_ == AUDIT_SECCOMP) {
    if (!scan_.find("arch=")) return true;  // some kernels write none
    const auto arch = scan_.up_to(' ');
    if (!arch) return false;
    found_.arch = static_cast<uint32_t>(to_number(*arch, 16));
    uint32_t call = 0;
    if (!number(kAlways, "syscall=", call, Missing::malformed)) return false;
    found_.syscall = static_cast<int>(call);
  }
  return numeric_result();
}

// Records that say little more than who.
bool RecordReader::simple_message() {
  const Missing login = type_ == AUDIT_CONFIG_CHANGE ? Missing::fine : Missing::malformed;
  const bool good = number(kNeedLogin, "auid=", found_.login, login, End::space_or_rest) &&
                    number(kNeedSession, "ses=", found_.session, Missing::fine, End::space_or_rest) &&
                    subject("subj=", End::space_or_rest) && key_list();
  if (!good) return false;
  if (type_ == AUDIT_CONFIG_CHANGE) found_.success = Extracted::kSucceeded;  // what the kernel does not say
  return numeric_result();
}

bool RecordReader::teletype() {
  return number(kNeedPid, "pid=", found_.pid, Missing::fine) &&
         number(kNeedUser, " uid=", found_.user, Missing::fine) &&
         number(kNeedLogin, "auid=", found_.login, Missing::malformed, End::space_or_rest) &&
         number(kNeedSession, "ses=", found_.session, Missing::fine) &&
         text(kNeedCommand, "comm=", found_.command, Missing::fine);
}

bool RecordReader::packet() {
  if (!word(kNeedHost, "saddr=", found_.host)) return false;
  object("obj=");
  return true;
}

// Only what no record before it has said.
bool RecordReader::kernel_event() {
  if (found_.pid == Extracted::kUnset && !number(kNeedPid, " pid=", found_.pid, Missing::malformed)) return false;
  if (found_.user == Extracted::kUnset && needs(kNeedUser)) {
    found_.user = 0;
    if (!number(kNeedUser, "uid=", found_.user, Missing::fine)) return false;
  }
  if (found_.login == Extracted::kNoLogin && needs(kNeedLogin)) {
    found_.login = Extracted::kUnset;
    if (!number(kNeedLogin, "auid=", found_.login, Missing::fine)) return false;
  }
  if (!found_.terminal && needs(kNeedTerminal)) {
    if (!word(kNeedTerminal, "tty=", found_.terminal)) return false;
    if (!found_.terminal) found_.terminal = "(none)";
  }
  if (found_.session == Extracted::kNoLogin && needs(kNeedSession)) {
    found_.session = Extracted::kUnset;
    if (!number(kNeedSession, "ses=", found_.session, Missing::fine)) return false;
  }
  if (found_.access.empty() && needs(kNeedSubject)) {
    if (!subject("subj=", End::space) || found_.access.empty()) return false;
  }
  if (!found_.command && !text(kNeedCommand, "comm=", found_.command, Missing::malformed)) return false;
  if (!found_.exe && needs(kNeedExe)) {
    const size_t behind = scan_.place();
    scan_.restart();
    if (!text(kNeedExe, "exe=", found_.exe, Missing::fine)) return false;
    if (!found_.exe) {
      found_.exe = "(null)";
      scan_.go(behind);
    }
  }
  return numeric_result();
}

}  // namespace acta::report::audit
