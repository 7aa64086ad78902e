#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "report/audit/event.h"

namespace acta::report::audit {

inline constexpr int kMacFirst = 1403, kMacLast = 1417;  ///< MAC_POLICY_LOAD to MAC_UNLBL_STCDEL

/// What a report or a search needs of an event. The tools look only for what they need, and skip an event whose record
/// lacks a needed field: the same event may count in one report and not in another.
enum Need : uint32_t {
  kNeedPid = 1u << 0,
  kNeedParent = 1u << 1,
  kNeedLogin = 1u << 2,
  kNeedUser = 1u << 3,
  kNeedEffectiveUser = 1u << 4,
  kNeedGroup = 1u << 5,
  kNeedEffectiveGroup = 1u << 6,
  kNeedSession = 1u << 7,
  kNeedSuccess = 1u << 8,
  kNeedExit = 1u << 9,
  kNeedArch = 1u << 10,
  kNeedFiles = 1u << 11,
  kNeedExe = 1u << 12,
  kNeedCommand = 1u << 13,
  kNeedHost = 1u << 14,
  kNeedTerminal = 1u << 15,
  kNeedKeys = 1u << 16,
  kNeedSubject = 1u << 17,
  kNeedObject = 1u << 18,
  kNeedUuid = 1u << 19,
  kNeedMachine = 1u << 20,  ///< vm=
  // Read in any case: what of a cluster is asked for only where it counts.
  kNeedCall = 1u << 21,
  kNeedAccount = 1u << 22,
  kNeedOutcomes = kNeedSuccess | kNeedCall,  ///< figures of events by type and success
};

/// What an access vector record says, or another record of a context.
struct AccessVector {
  enum class Result : uint8_t { unset, denied, granted };
  Result result = Result::unset;
  std::optional<std::string> subject{}, object{}, permission{}, object_class{};
};

struct NamedFile {
  std::string name{};
  std::string nametype{};  ///< of a PATH record: PARENT, CREATE …
};

/// The fields of an event that reports and searches look at: one of each for all its records, a later record overwrites
/// an earlier one.
struct Extracted {
  static constexpr uint32_t kUnset = UINT32_MAX;
  static constexpr uint32_t kNoLogin = UINT32_MAX - 1;  ///< -2: no record had one; kUnset is what the kernel says
  static constexpr int kFailed = 0, kSucceeded = 1, kNoResult = -1;

  uint32_t pid = kUnset, parent = kUnset;
  uint32_t user = kUnset, effective_user = kUnset, login = kNoLogin;
  uint32_t group = kUnset, effective_group = kUnset;
  uint32_t session = kNoLogin;
  int success = kNoResult;
  int syscall = 0;
  uint32_t arch = 0;
  uint64_t a0 = 0, a1 = 0;  ///< of the SYSCALL record
  std::optional<int64_t> exit{};
  std::optional<std::string> host{}, terminal{}, exe{}, command{}, account{}, directory{}, uuid{}, machine{};
  bool has_files = false, has_keys = false;  ///< a record could have had some
  std::vector<NamedFile> files{};
  std::vector<std::string> keys{};
  std::vector<AccessVector> access{};
};

/// Fills `found` (which must be new) by what ausearch and aureport 3.0.9 look for in each type of record. False when
/// the event is malformed: the tools skip it. `needs`: Need of the report.
bool extract(const AuditEvent& event, uint32_t needs, Extracted& found);

}  // namespace acta::report::audit
