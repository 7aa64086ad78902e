#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "event/byte_block.h"
#include "event/event.h"

namespace acta::audit {

/// The fields of audit records that the normalizer knows by name: constant name and key as printed. Those that mean
/// something to it, and the common ones, so that telling whether a key was there before is one bit for nearly every
/// field. Any other key is Key::other.
// clang-format off
#define ACTA_AUDIT_KEYS(X) \
  X(kA0, "a0") X(kA1, "a1") X(kA2, "a2") X(kA3, "a3") X(kA4, "a4") X(kA5, "a5") X(kA6, "a6") X(kA7, "a7") \
  X(kAcct, "acct") X(kAction, "action") X(kAddr, "addr") X(kApparmor, "apparmor") X(kArch, "arch") \
  X(kArgc, "argc") X(kAuid, "auid") X(kCapFe, "cap_fe") X(kCapFi, "cap_fi") X(kCapFp, "cap_fp") \
  X(kCapFrootid, "cap_frootid") X(kCapFver, "cap_fver") X(kCapPa, "cap_pa") X(kCapPe, "cap_pe") \
  X(kCapPi, "cap_pi") X(kCapPp, "cap_pp") X(kCapability, "capability") X(kCapname, "capname") X(kCgroup, "cgroup") \
  X(kCipher, "cipher") X(kClass, "class") X(kCmd, "cmd") X(kCode, "code") X(kComm, "comm") X(kCompat, "compat") \
  X(kCwd, "cwd") X(kDaddr, "daddr") X(kData, "data") X(kDeniedMask, "denied_mask") X(kDev, "dev") \
  X(kDevice, "device") X(kDirection, "direction") X(kDport, "dport") X(kDst, "dst") X(kEgid, "egid") \
  X(kEntries, "entries") X(kEuid, "euid") X(kExe, "exe") X(kExit, "exit") X(kFamily, "family") X(kFd, "fd") \
  X(kFe, "fe") X(kFi, "fi") X(kFlags, "flags") X(kFp, "fp") X(kFrootid, "frootid") X(kFsgid, "fsgid") \
  X(kFsuid, "fsuid") X(kFver, "fver") X(kGid, "gid") X(kGrantors, "grantors") X(kGrp, "grp") \
  X(kHostname, "hostname") X(kId, "id") X(kInfo, "info") X(kInode, "inode") X(kIp, "ip") X(kItem, "item") \
  X(kItems, "items") X(kKey, "key") X(kKind, "kind") X(kKsize, "ksize") X(kLaddr, "laddr") X(kList, "list") \
  X(kLport, "lport") X(kMode, "mode") X(kName, "name") X(kNametype, "nametype") X(kNewChardev, "new-chardev") \
  X(kNewDisk, "new-disk") X(kNewLevel, "new-level") X(kNewNet, "new-net") X(kNewGroup, "new_group") \
  X(kOauid, "oauid") X(kObj, "obj") X(kObjtype, "objtype") X(kOcomm, "ocomm") X(kOflag, "oflag") X(kOgid, "ogid") \
  X(kOldAuid, "old-auid") X(kOldChardev, "old-chardev") X(kOldDisk, "old-disk") X(kOldLevel, "old-level") \
  X(kOldNet, "old-net") X(kOldSes, "old-ses") X(kOldPa, "old_pa") X(kOldPe, "old_pe") X(kOldPi, "old_pi") \
  X(kOldPp, "old_pp") X(kOldProm, "old_prom") X(kOp, "op") X(kOperation, "operation") X(kOpid, "opid") \
  X(kOses, "oses") X(kOuid, "ouid") X(kPa, "pa") X(kPath, "path") X(kPe, "pe") X(kPeer, "peer") \
  X(kPermissive, "permissive") X(kPfs, "pfs") X(kPi, "pi") X(kPid, "pid") X(kPort, "port") X(kPp, "pp") \
  X(kPpid, "ppid") X(kProctitle, "proctitle") X(kProfile, "profile") X(kProgId, "prog-id") X(kProm, "prom") \
  X(kProto, "proto") X(kQbytes, "qbytes") X(kRdev, "rdev") X(kReason, "reason") \
  X(kRequestedMask, "requested_mask") X(kRes, "res") X(kResolve, "resolve") X(kResrc, "resrc") \
  X(kResult, "result") X(kRole, "role") X(kRport, "rport") X(kSaddr, "saddr") X(kScontext, "scontext") \
  X(kSeperms, "seperms") X(kSeresult, "seresult") X(kSes, "ses") X(kSgid, "sgid") X(kSig, "sig") X(kSpid, "spid") \
  X(kSport, "sport") X(kSrc, "src") X(kState, "state") X(kSubj, "subj") X(kSuccess, "success") X(kSuid, "suid") \
  X(kSw, "sw") X(kSwType, "sw_type") X(kSyscall, "syscall") X(kTable, "table") X(kTclass, "tclass") \
  X(kTcontext, "tcontext") X(kTerminal, "terminal") X(kText, "text") X(kTty, "tty") X(kUid, "uid") \
  X(kUnit, "unit") X(kUringOp, "uring_op") X(kUser, "user") X(kUuid, "uuid") X(kVer, "ver") X(kVirt, "virt") \
  X(kVm, "vm") X(kVmPid, "vm-pid")
// clang-format on

enum class Key : uint8_t {
  other,
#define ACTA_AUDIT_KEY(name, text) name,
  ACTA_AUDIT_KEYS(ACTA_AUDIT_KEY)
#undef ACTA_AUDIT_KEY
      count
};

inline constexpr size_t kKeyCount = static_cast<size_t>(Key::count);
static_assert(kKeyCount <= 256);
constexpr size_t index(Key key) {
  return static_cast<size_t>(key);
}

inline constexpr size_t kKeySizeMax = 15;  ///< with its '=' a key fits two words

/// What of a known key is asked for with every field, made ready. In one line of the processor's cache.
struct alignas(64) KeyForms {
  std::array<uint64_t, 2> printed{}, upper{}, mask{};  ///< `key=` as two words, and which of their bytes count
  uint8_t size = 0;                                    ///< of the key
  bool is_document_key = false;
};
extern const std::array<KeyForms, kKeyCount> kKeyForms;

/// `,"key":`, for MemberKey::json; in half a line.
using KeyJson = std::array<char, kFragmentBytes>;
static_assert(kKeySizeMax <= kPreparedKeyMax);
alignas(64) extern const std::array<KeyJson, kKeyCount> kKeyJson;

/// The key of that text. Constant time; any thread.
Key find_key(std::string_view text);

/// The key whose text is `text` with upper-case letters for its lower-case ones (enriched tails); Key::other for any
/// other text, one with lower-case letters among them.
Key find_upper_key(std::string_view text);

/// The text of a key as printed in records; empty for Key::other.
std::string_view key_text(Key key);

/// The name of a field in documents: every byte outside [A-Za-z0-9_[]] is an underscore. True when `key` has none such
/// and is its own name.
bool is_document_key(std::string_view key);
/// The same of a known key; false for Key::other.
inline bool is_document_key(Key key) {
  return kKeyForms[index(key)].is_document_key;
}
char document_key_byte(char byte);

/// A known key as MemberKey::json; null for Key::other.
inline const char* key_json(Key key) {
  return key == Key::other ? nullptr : kKeyJson[index(key)].data();
}

/// Whether `key=` of a known key stands at `at`: without a look for the '=' or a hash. `upper`: the key in upper case.
inline bool is_key_at(const KeyForms& forms, const char* at, const char* end, bool upper) {
  const auto left = static_cast<size_t>(end - at);
  if (left <= forms.size) return false;
  char copied[2 * sizeof(uint64_t)] = {};
  if (left < sizeof copied && !is_block_readable(at)) [[unlikely]]
    at = static_cast<const char*>(std::memcpy(copied, at, left));
  uint64_t first;  // two words, not an array of them: that is stored before it is compared
  uint64_t second;
  std::memcpy(&first, at, sizeof first);
  std::memcpy(&second, at + sizeof first, sizeof second);
  const std::array<uint64_t, 2>& wanted = upper ? forms.upper : forms.printed;
  return (((first & forms.mask[0]) ^ wanted[0]) | ((second & forms.mask[1]) ^ wanted[1])) == 0;
}

/// The name in documents of bytes of a record that belong to no field.
inline constexpr std::string_view kUnkeyed = "unkeyed";

}  // namespace acta::audit
