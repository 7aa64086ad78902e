#include "processors/audit/process_fields.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "event/byte_block.h"
#include "processors/audit/path.h"
#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

constexpr size_t kCommMax = 15;

// linux/capability.h, by bit.
constexpr std::array<std::string_view, 41> kCapabilities = {"CAP_CHOWN",
                                                            "CAP_DAC_OVERRIDE",
                                                            "CAP_DAC_READ_SEARCH",
                                                            "CAP_FOWNER",
                                                            "CAP_FSETID",
                                                            "CAP_KILL",
                                                            "CAP_SETGID",
                                                            "CAP_SETUID",
                                                            "CAP_SETPCAP",
                                                            "CAP_LINUX_IMMUTABLE",
                                                            "CAP_NET_BIND_SERVICE",
                                                            "CAP_NET_BROADCAST",
                                                            "CAP_NET_ADMIN",
                                                            "CAP_NET_RAW",
                                                            "CAP_IPC_LOCK",
                                                            "CAP_IPC_OWNER",
                                                            "CAP_SYS_MODULE",
                                                            "CAP_SYS_RAWIO",
                                                            "CAP_SYS_CHROOT",
                                                            "CAP_SYS_PTRACE",
                                                            "CAP_SYS_PACCT",
                                                            "CAP_SYS_ADMIN",
                                                            "CAP_SYS_BOOT",
                                                            "CAP_SYS_NICE",
                                                            "CAP_SYS_RESOURCE",
                                                            "CAP_SYS_TIME",
                                                            "CAP_SYS_TTY_CONFIG",
                                                            "CAP_MKNOD",
                                                            "CAP_LEASE",
                                                            "CAP_AUDIT_WRITE",
                                                            "CAP_AUDIT_CONTROL",
                                                            "CAP_SETFCAP",
                                                            "CAP_MAC_OVERRIDE",
                                                            "CAP_MAC_ADMIN",
                                                            "CAP_SYSLOG",
                                                            "CAP_WAKE_ALARM",
                                                            "CAP_BLOCK_SUSPEND",
                                                            "CAP_AUDIT_READ",
                                                            "CAP_PERFMON",
                                                            "CAP_BPF",
                                                            "CAP_CHECKPOINT_RESTORE"};

void write_capabilities(const Draft& draft, Key permitted, Key effective, const RecordFields& record) {
  const auto write = [&](FieldId list, Key key) {
    const FieldSlot* slot = record.find(key);
    const auto bits = slot == nullptr ? std::nullopt : read_hex(slot->text);
    for (uint64_t rest = bits.value_or(0); rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<size_t>(std::countr_zero(rest));
      if (bit < kCapabilities.size()) draft.out->add_view(list, kCapabilities[bit]);
    }
  };
  write(FieldId::kProcessThreadCapabilitiesEffective, effective);
  write(FieldId::kProcessThreadCapabilitiesPermitted, permitted);
}

// PROCTITLE is the start of the command line, an empty byte after each argument.
std::string_view title(std::string_view text, Arena& arena) {
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  if (text.find('\0') == std::string_view::npos) return text;
  return with_spaces(text, '\0', arena);
}

// pts3, pts/3, tty1, ttyS0 (Documentation/admin-guide/devices.txt).
void write_terminal(const Draft& draft) {
  const FieldSlot* slot = draft.slot(Key::kTty);
  if (slot == nullptr || slot->field.value.empty() || slot->text == "?") return;
  Event& out = *draft.out;
  const bool any = slot->text != "(none)";
  out.set(FieldId::kProcessInteractive, any);
  if (!any) return;
  std::string_view name = slot->text;
  if (name.starts_with("/dev/")) name.remove_prefix(5);
  struct Family {
    std::string_view prefix;
    int64_t major, minor, per_major;
  };
  constexpr Family kFamilies[] = {{"pts/", 136, 0, 256}, {"pts", 136, 0, 256}, {"ttyS", 4, 64, 192}, {"tty", 4, 0, 64}};
  for (const Family& family : kFamilies) {
    if (!name.starts_with(family.prefix)) continue;
    const char* begin = name.data() + family.prefix.size();
    const char* end = name.data() + name.size();
    int64_t number = 0;
    const auto read = std::from_chars(begin, end, number);
    if (begin == end || read.ptr != end || read.ec != std::errc{} || number < 0) return;
    const bool many = family.major == 136;
    if (number >= (many ? 8 * family.per_major : family.per_major)) return;
    out.set(FieldId::kProcessTtyCharDeviceMajor, many ? family.major + number / family.per_major : family.major);
    out.set(FieldId::kProcessTtyCharDeviceMinor, many ? number % family.per_major : family.minor + number);
    return;
  }
}

void write_exit(const Draft& draft) {
  if (draft.syscall_text != "exit_group" && draft.syscall_text != "exit") return;
  const auto status = read_hex(draft.text(Key::kA0));
  if (!status) return;
  draft.out->set(FieldId::kProcessExitCode, static_cast<int64_t>(*status & 0xff));
  draft.out->set_time(FieldId::kProcessEnd, draft.event->key.time());
}

void write_keystrokes(const Draft& draft) {
  const uint16_t record_type = draft.primary_record().type();
  if (record_type != type::kTty && record_type != type::kUserTty) return;
  const FieldSlot* data = draft.primary_record().find(Key::kData);
  if (data == nullptr || data->absent()) return;
  const Value* words = draft.out->find(FieldId::kAuditdInterpreted, data->name);
  draft.out->set_view(FieldId::kProcessIoText, words != nullptr ? words->text() : data->text);
  draft.out->set_view(FieldId::kProcessIoType, "tty");
}

}  // namespace

std::string_view with_spaces(std::string_view text, char separator, Arena& arena) {
  char* to = arena.allocate(text.size() + kBlockSize);  // the last block may store more than there is
  for (size_t at = 0; at < text.size(); at += kBlockSize) {
    load_block(text.data() + at, std::min(kBlockSize, text.size() - at)).replaced(separator, ' ').store(to + at);
  }
  return {to, text.size()};
}

std::optional<int64_t> read_pid(std::string_view text) {
  int32_t pid = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, pid);
  if (text.empty() || read.ptr != end || read.ec != std::errc{} || pid < 0) return std::nullopt;
  return pid;
}

std::string_view process_name(std::string_view comm, std::string_view executable) {
  const std::string_view base = base_name(executable);
  if (comm.empty()) return base;
  return comm.size() == kCommMax && base.size() > kCommMax && base.starts_with(comm) ? base : comm;
}

void write_process(Draft& draft) {
  Event& out = *draft.out;
  if (const auto pid = read_pid(draft.text(Key::kPid))) out.set(FieldId::kProcessPid, *pid);
  if (const auto ppid = read_pid(draft.text(Key::kPpid))) out.set(FieldId::kProcessParentPid, *ppid);
  // No program is called "?": programs write that for nothing, in quotes too.
  const std::string_view printed = draft.text(Key::kExe);
  const std::string_view executable = is_word_for_nothing(printed) ? std::string_view{} : printed;
  if (!executable.empty()) out.set_view(FieldId::kProcessExecutable, executable);
  const std::string_view name = process_name(draft.text(Key::kComm), executable);
  if (!name.empty()) out.set_view(FieldId::kProcessName, name);
  const std::string_view cwd = draft.text(Key::kCwd);
  if (!cwd.empty()) out.set_view(FieldId::kProcessWorkingDirectory, cwd);
  const std::string_view words = title(draft.text(Key::kProctitle), out.arena());
  if (!words.empty()) out.set_view(FieldId::kProcessTitle, words);
  write_terminal(draft);
  write_exit(draft);
  write_keystrokes(draft);
  if (const int i = draft.fields->find_record(type::kBprmFcaps); i >= 0) {
    write_capabilities(draft, Key::kPp, Key::kPe, draft.record(i));
  } else if (const int j = draft.fields->find_record(type::kCapset); j >= 0) {
    write_capabilities(draft, Key::kCapPp, Key::kCapPe, draft.record(j));
  }
}

}  // namespace acta::audit
