#include "processors/audit/completeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "processors/audit/args.h"
#include "processors/audit/record_types.h"
#include "processors/audit/scan.h"

namespace acta::audit {
namespace {

constexpr uint16_t kAnomLink = 1702;
constexpr size_t kShortExecveBytes = 7000;  // one shorter than this was not followed by another
constexpr size_t kNamedMax = 16;            // PATH records named one by one

// Records that audit_log_exit() of kernel/auditsc.c writes only after a SYSCALL (or URINGOP) record.
bool follows_syscall(uint16_t type) {
  switch (type) {
    case 1302:  // PATH
    case 1303:  // IPC
    case 1304:  // SOCKETCALL
    case 1306:  // SOCKADDR
    case 1307:  // CWD
    case 1309:  // EXECVE
    case 1311:  // IPC_SET_PERM
    case 1312:  // MQ_OPEN
    case 1313:  // MQ_SENDRECV
    case 1314:  // MQ_NOTIFY
    case 1315:  // MQ_GETSETATTR
    case 1317:  // FD_PAIR
    case 1318:  // OBJ_PID
    case 1321:  // BPRM_FCAPS
    case 1322:  // CAPSET
    case 1323:  // MMAP
    case 1327:  // PROCTITLE
    case 1337:  // OPENAT2
      return true;
    default:
      return false;
  }
}

// The number behind " key=" in a record whose text up to there is the kernel's own; -1 when there is none.
int64_t number_of(const Record& record, std::string_view key) {
  const char* found = scan::find_text(record.body, key);
  if (found == nullptr) return -1;
  int64_t value = -1;
  std::from_chars(found + key.size(), record.body.data() + record.body.size(), value);
  return value;
}

// mq_open and mq_unlink count the root of the queue file system among their items, and write no record of it
// (audit_inode_parent_hidden()).
bool hides_a_path(const Record& syscall) {
  const int64_t number = number_of(syscall, " syscall=");
  const auto any_of = [number](std::initializer_list<int64_t> numbers) {
    return std::ranges::find(numbers, number) != numbers.end();
  };
  return any_of({240, 241, 277, 278, 180, 181});  // x86_64; i386 and 32-bit ARM; aarch64
}

struct Summary {
  const Record* call = nullptr;  // SYSCALL or URINGOP
  const Record* execve = nullptr;
  int64_t paths = 0;
  size_t execves = 0;
  bool follower = false;
  bool link = false;
  bool proctitle = false;
};

Summary summarize(const AssembledEvent& event) {
  Summary summary;
  for (const Record& record : event.records) {
    if (record.type == type::kSyscall || record.type == type::kUringop) summary.call = &record;
    if (record.type == type::kPath) ++summary.paths;
    if (record.type == type::kExecve) {
      ++summary.execves;
      summary.execve = &record;
    }
    summary.follower = summary.follower || follows_syscall(record.type);
    summary.link = summary.link || record.type == kAnomLink;
    summary.proctitle = summary.proctitle || record.type == type::kProctitle;
  }
  return summary;
}

void name_paths(const AssembledEvent& event, const Summary& summary, std::vector<std::string>& missing) {
  const int64_t items = summary.call != nullptr ? number_of(*summary.call, " items=") : -1;
  if (items <= summary.paths || hides_a_path(*summary.call)) return;
  std::vector<int64_t> present;
  for (const Record& record : event.records) {
    if (record.type != type::kPath) continue;
    int64_t item = -1;
    if (record.body.starts_with("item="))
      std::from_chars(record.body.data() + 5, record.body.data() + record.body.size(), item);
    present.push_back(item);
  }
  int64_t absent = items - summary.paths;
  for (int64_t item = 0; item < items && absent > 0; ++item) {
    if (std::ranges::find(present, item) != present.end()) continue;
    if (missing.size() >= kNamedMax) {
      missing.push_back(fmt::format("PATH {} more", absent));
      return;
    }
    missing.push_back(fmt::format("PATH item={}", item));
    --absent;
  }
}

void name_args(const AssembledEvent& event, const Summary& summary, std::vector<std::string>& missing) {
  if (summary.execves == 0) return;
  if (summary.execves == 1 && summary.execve->body.starts_with("argc=") &&
      summary.execve->body.size() < kShortExecveBytes)
    return;
  constexpr size_t kNoBytes = 0;  // of the values only what is missing is wanted
  ExecArgs joined(kNoBytes);
  std::vector<Field> fields;
  for (const Record& record : event.records) {
    if (record.type != type::kExecve) continue;
    split_fields(record, fields);
    joined.add(fields);
  }
  const Args& args = joined.finish();
  if (!args.count) missing.emplace_back("EXECVE argc");
  for (const ArgRange& range : args.missing) {
    missing.push_back(range.first == range.last ? fmt::format("EXECVE a{}", range.first)
                                                : fmt::format("EXECVE a{}..a{}", range.first, range.last));
  }
}

}  // namespace

std::vector<std::string> missing_records(const AssembledEvent& event) {
  std::vector<std::string> missing;
  if (event.closed == Closed::late) return missing;
  const Summary summary = summarize(event);
  // A denied link is told with PATH records even where no system call is audited (audit_log_path_denied()).
  if (summary.call == nullptr && summary.follower && !summary.link) missing.emplace_back("SYSCALL");
  name_paths(event, summary, missing);
  name_args(event, summary, missing);
  const bool cut_off = event.closed == Closed::full || (event.closed == Closed::end && event.proctitle_expected);
  if (cut_off && summary.call != nullptr && !summary.proctitle) missing.emplace_back("PROCTITLE");
  return missing;
}

}  // namespace acta::audit
