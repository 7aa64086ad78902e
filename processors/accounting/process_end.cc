#include "processors/accounting/process_end.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

#include "event/utf8.h"
#include "sys/hex.h"

namespace acta::accounting {
namespace {

using enum FieldId;

constexpr size_t kNameFull = 15;  // TASK_COMM_LEN without the NUL: what is longer was cut
constexpr uint32_t kIdUnset = UINT32_MAX;
constexpr unsigned kSignals = 65;  // 1 to 64

struct FlagName {
  Flag flag;
  std::string_view name;
};
constexpr FlagName kFlagNames[] = {{kForked, "fork"},     {kSuperuser, "superuser"}, {kCompat, "compat"},
                                   {kDumpedCore, "core"}, {kSignalled, "signal"},    {kGroup, "group"}};

void set_number(Event& event, FieldId field, uint64_t value) {
  event.set(field, static_cast<int64_t>(value));
}

/// Decimal digits in the event's arena.
std::string_view decimal(Event& event, uint32_t value) {
  constexpr size_t kDigitsMax = 10;
  char* to = event.arena().allocate(kDigitsMax);
  return {to, static_cast<size_t>(std::to_chars(to, to + kDigitsMax, value).ptr - to)};
}

void set_what(Event& event) {
  event.set_view(kEventKind, "event");
  event.add_view(kEventCategory, "process");
  event.add_view(kEventType, "end");
  event.set_view(kEventAction, "end");
  event.set_view(kEventDataset, kDataset);
  event.set_view(kEventModule, kModule);
  event.set_view(kEventProvider, "kernel");
}

void set_times(const Record& record, Event& event) {
  const Nanos start = Nanos{record.begin} * kSecond;
  event.set_time(kEventStart, start);
  event.set_time(kProcessStart, start);
  set_number(event, kAcctBtime, record.begin);
  set_number(event, kAcctElapsedRaw, record.elapsed_bits);
  if (record.version < 3) set_number(event, kAcctElapsedComp, record.elapsed_comp.bits);
  if (std::isfinite(record.elapsed)) event.set(kAcctElapsedTicks, record.elapsed);
  const std::optional<Nanos> elapsed = elapsed_nanos(record);
  if (!elapsed) {
    event.set_time(kTimestamp, start);
    event.set_view(kErrorMessage, "The elapsed time of the record is no length of time: @timestamp is the start.");
    return;
  }
  const Nanos end = start + *elapsed;
  event.set_time(kTimestamp, end);
  event.set_time(kEventEnd, end);
  event.set_time(kProcessEnd, end);
  event.set(kEventDuration, *elapsed);
}

void set_exit(const Record& record, Event& event) {
  // wait(2): low 7 bits the signal, then 0x80 for a core, then 8 bits of exit code.
  const unsigned signal = record.exit_status & 0x7fu;
  const unsigned code = (record.exit_status >> 8) & 0xffu;
  set_number(event, kProcessExitCode, signal != 0 ? 128 + signal : code);
  set_number(event, kAcctExitStatus, record.exit_status);
  if (signal != 0) {
    set_number(event, kAcctExitSignal, signal);
    event.set(kAcctExitCore, (record.exit_status & 0x80u) != 0);
    event.set_view(kEventReason, signal_name(signal));
  }
  event.set_view(kEventOutcome, record.exit_status == 0 ? "success" : "failure");
}

void set_process(const Record& record, Event& event) {
  if (record.pid) set_number(event, kProcessPid, *record.pid);
  if (record.parent) set_number(event, kProcessParentPid, *record.parent);
  if (!record.name.empty()) event.set_view(kProcessName, record.name);
  if (!is_printable_text(record.name)) {
    char* to = event.arena().allocate(2 * record.name.size());
    event.set_view(kAcctCommHex, write_hex(record.name, to));
  }
  if (record.name.size() >= kNameFull) event.set(kAcctCommTruncated, true);
  event.set(kProcessInteractive, record.tty != 0);
  set_number(event, kAcctTtyNumber, record.tty);
  if (record.tty == 0) return;
  set_number(event, kProcessTtyCharDeviceMajor, record.tty >> 8);
  set_number(event, kProcessTtyCharDeviceMinor, record.tty & 0xffu);
  event.set_view(kAcctTty, tty_name(record.tty, event.arena().allocate(kTtyNameMax)));
}

void set_users(const Record& record, UserDb& users, Event& event) {
  const std::string_view uid = decimal(event, record.uid);
  const std::string_view gid = decimal(event, record.gid);
  event.set_view(kAcctUid, uid);
  event.set_view(kAcctGid, gid);
  if (record.uid != kIdUnset) {
    event.set_view(kUserId, uid);
    event.set_view(kProcessRealUserId, uid);
    std::string_view name = users.user_name(record.uid);
    if (name.empty()) {
      event.add_view(kRelatedUser, uid);
    } else {
      name = event.arena().copy(name);
      event.set_view(kUserName, name);
      event.set_view(kProcessRealUserName, name);
      event.add_view(kRelatedUser, name);
    }
  }
  if (record.gid != kIdUnset) {
    event.set_view(kUserGroupId, gid);
    event.set_view(kProcessRealGroupId, gid);
    std::string_view name = users.group_name(record.gid);
    if (name.empty()) return;
    name = event.arena().copy(name);
    event.set_view(kUserGroupName, name);
    event.set_view(kProcessRealGroupName, name);
  }
}

void set_usage(const Record& record, Event& event) {
  constexpr uint64_t kKilobyte = 1024;
  const Nanos user = ticks_to_nanos(record.user.value(), record.ahz);
  const Nanos system = ticks_to_nanos(record.system.value(), record.ahz);
  event.set(kAcctCpuUserNs, user);
  event.set(kAcctCpuSystemNs, system);
  event.set(kAcctCpuTotalNs, user > INT64_MAX - system ? INT64_MAX : user + system);
  set_number(event, kAcctCpuUserComp, record.user.bits);
  set_number(event, kAcctCpuSystemComp, record.system.bits);
  set_number(event, kAcctMemoryBytes, record.memory.value() * kKilobyte);
  set_number(event, kAcctMemoryComp, record.memory.bits);
  set_number(event, kAcctIoChars, record.io.value());
  set_number(event, kAcctIoComp, record.io.bits);
  set_number(event, kAcctIoBlocks, record.rw.value());
  set_number(event, kAcctFaultsMinor, record.minor_faults.value());
  set_number(event, kAcctFaultsMajor, record.major_faults.value());
  set_number(event, kAcctSwaps, record.swaps.value());
}

void set_record(const Record& record, Event& event) {
  set_number(event, kAcctVersion, record.version);
  set_number(event, kAcctAhz, record.ahz);
  set_number(event, kAcctFlagBits, record.flags);
  if (record.big_endian) event.set(kAcctBigEndian, true);
  for (const FlagName& flag : kFlagNames) {
    if ((record.flags & flag.flag) != 0) event.add_view(kAcctFlags, flag.name);
  }
}

std::array<std::string, kSignals> make_signal_names() {
  std::array<std::string, kSignals> names;
  constexpr unsigned kFirstRealTime = 34;  // SIGRTMIN as programs see it under glibc
  for (unsigned i = 1; i < kSignals; ++i) {
    const char* name = ::sigabbrev_np(static_cast<int>(i));
    if (name != nullptr) {
      names[i] = std::string("SIG") + name;
    } else if (i >= kFirstRealTime) {
      names[i] = i == kFirstRealTime ? "SIGRTMIN" : "SIGRTMIN+" + std::to_string(i - kFirstRealTime);
    } else {
      names[i] = "signal " + std::to_string(i);
    }
  }
  return names;
}

/// Where the names of terminals with one major number begin (Documentation/admin-guide/devices.txt).
struct TtyRange {
  uint8_t major;
  uint8_t first_minor;
  uint8_t last_minor;
  std::string_view name;
};
constexpr TtyRange kTtyRanges[] = {{4, 0, 63, "tty"},       {4, 64, 255, "ttyS"},    {166, 0, 255, "ttyACM"},
                                   {188, 0, 255, "ttyUSB"}, {204, 64, 79, "ttyAMA"}, {229, 0, 255, "hvc"}};

}  // namespace

std::string_view signal_name(unsigned signal) {
  static const std::array<std::string, kSignals> names = make_signal_names();
  return signal < kSignals && signal != 0 ? std::string_view(names[signal]) : std::string_view("unknown signal");
}

std::string_view tty_name(uint16_t device, char* buffer) {
  if (device == 0) return {};
  const unsigned major = device >> 8;
  const unsigned minor = device & 0xffu;
  char* to = buffer;
  const auto text = [&to](std::string_view part) { to += part.copy(to, part.size()); };
  const auto number = [&to, buffer](unsigned value) { to = std::to_chars(to, buffer + kTtyNameMax, value).ptr; };
  const auto written = [&to, buffer] { return std::string_view(buffer, static_cast<size_t>(to - buffer)); };
  if (major >= 136 && major <= 143) {
    text("pts/");
    number((major - 136) * 256 + minor);
    return written();
  }
  if (major == 5 && minor <= 1) return minor == 0 ? "tty" : "console";
  for (const TtyRange& range : kTtyRanges) {
    if (range.major != major || minor < range.first_minor || minor > range.last_minor) continue;
    text(range.name);
    number(minor - range.first_minor);
    return written();
  }
  text("[");
  number(major);
  text(",");
  number(minor);
  text("]");
  return written();
}

bool is_printable_text(std::string_view text) {
  while (!text.empty()) {
    const auto byte = static_cast<uint8_t>(text.front());
    const size_t size = utf8_sequence(text);
    const bool control =
        byte < 0x20 || byte == 0x7f || (byte == 0xc2 && size == 2 && static_cast<uint8_t>(text[1]) < 0xa0);
    if (size == 0 || control) return false;
    text.remove_prefix(size);
  }
  return true;
}

void fill_process_end(const Record& record, UserDb& users, Event& event) {
  set_what(event);
  set_times(record, event);
  set_exit(record, event);
  set_process(record, event);
  set_users(record, users, event);
  set_usage(record, event);
  set_record(record, event);
}

}  // namespace acta::accounting
