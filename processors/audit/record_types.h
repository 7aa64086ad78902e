#pragma once
#include <cstdint>

namespace acta::audit::type {

// Numbers of the record types that the normalizer treats in a way of their own (include/uapi/linux/audit.h,
// libaudit.h).
inline constexpr uint16_t kUser = 1005;
inline constexpr uint16_t kLogin = 1006;
inline constexpr uint16_t kUserAvc = 1107;
inline constexpr uint16_t kUserChauthtok = 1108;
inline constexpr uint16_t kAddUser = 1114;
inline constexpr uint16_t kAddGroup = 1116;
inline constexpr uint16_t kDelGroup = 1117;
inline constexpr uint16_t kUserCmd = 1123;
inline constexpr uint16_t kUserTty = 1124;
inline constexpr uint16_t kServiceStart = 1130;
inline constexpr uint16_t kServiceStop = 1131;
inline constexpr uint16_t kGrpMgmt = 1132;
inline constexpr uint16_t kGrpChauthtok = 1133;
inline constexpr uint16_t kSoftwareUpdate = 1138;
inline constexpr uint16_t kDaemonFirst = 1200;
inline constexpr uint16_t kDaemonLast = 1299;
inline constexpr uint16_t kSyscall = 1300;
inline constexpr uint16_t kPath = 1302;
inline constexpr uint16_t kIpc = 1303;
inline constexpr uint16_t kSocketcall = 1304;
inline constexpr uint16_t kConfigChange = 1305;
inline constexpr uint16_t kSockaddr = 1306;
inline constexpr uint16_t kCwd = 1307;
inline constexpr uint16_t kExecve = 1309;
inline constexpr uint16_t kObjPid = 1318;
inline constexpr uint16_t kTty = 1319;
inline constexpr uint16_t kEoe = 1320;
inline constexpr uint16_t kBprmFcaps = 1321;
inline constexpr uint16_t kCapset = 1322;
inline constexpr uint16_t kMmap = 1323;
inline constexpr uint16_t kNetfilterPkt = 1324;
inline constexpr uint16_t kSeccomp = 1326;
inline constexpr uint16_t kProctitle = 1327;
inline constexpr uint16_t kKernModule = 1330;
inline constexpr uint16_t kUringop = 1336;
inline constexpr uint16_t kOpenat2 = 1337;
inline constexpr uint16_t kAvc = 1400;
inline constexpr uint16_t kAvcPath = 1402;
inline constexpr uint16_t kIpsecFirst = 1411;
inline constexpr uint16_t kIpsecLast = 1415;
inline constexpr uint16_t kApparmorFirst = 1500;
inline constexpr uint16_t kApparmorDenied = 1503;
inline constexpr uint16_t kApparmorLast = 1507;
inline constexpr uint16_t kAnomAbend = 1701;
inline constexpr uint16_t kTrustedApp = 1121;
inline constexpr uint16_t kCryptoKeyUser = 2404;
inline constexpr uint16_t kCryptoSession = 2407;

/// Written by a program through libaudit: fields of the reporting program, then msg='…'.
constexpr bool is_user(uint16_t type) {
  return type == kUser || (type >= 1100 && type <= 1199) || (type >= 2100 && type <= 2999);
}
/// Written by auditd itself.
constexpr bool is_daemon(uint16_t type) {
  return type >= kDaemonFirst && type <= kDaemonLast;
}
/// Adds to a SYSCALL record and says nothing of what kind the event is.
constexpr bool is_auxiliary(uint16_t type) {
  switch (type) {
    case kPath:
    case kIpc:
    case kSocketcall:
    case kSockaddr:
    case kCwd:
    case kExecve:
    case kEoe:
    case kBprmFcaps:
    case kCapset:
    case kMmap:
    case kProctitle:
    case kOpenat2:
    case kAvcPath:
    case kObjPid:
    case 1311:
    case 1312:
    case 1313:
    case 1314:
    case 1315:
    case 1317:  // IPC_SET_PERM, MQ_*, FD_PAIR
      return true;
    default:
      return false;
  }
}

}  // namespace acta::audit::type
