#include "report/audit/extract.h"

#include <libaudit.h>

#include "report/audit/record_reader.h"

namespace acta::report::audit {
namespace {

// libaudit.h has names for the ends of these ranges only in part.
constexpr int kIntegrityFirst = 1800, kIntegrityLast = 1805;

bool is_of_user(int type) {
  return type == AUDIT_USER || (type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_USER_END) ||
         (type >= AUDIT_USER_CHAUTHTOK && type <= AUDIT_LAST_USER_MSG) ||
         (type >= AUDIT_FIRST_USER_MSG2 && type <= AUDIT_LAST_USER_MSG2);
}

}  // namespace

bool RecordReader::read() {
  switch (type_) {
    case AUDIT_SYSCALL:
      return syscall();
    case AUDIT_CWD:
      return directory();
    case AUDIT_AVC_PATH:
      return file_after(" path=", Missing::malformed);
    case AUDIT_PATH:
      return path();
    case AUDIT_SOCKADDR:
      return socket_address();
    case AUDIT_LOGIN:
      return login();
    case AUDIT_IPC:
    case AUDIT_OBJ_PID:
      object("obj=");
      return true;
    case AUDIT_DAEMON_START:
    case AUDIT_DAEMON_END:
    case AUDIT_DAEMON_ABORT:
    case AUDIT_DAEMON_CONFIG:
    case AUDIT_DAEMON_ROTATE:
    case AUDIT_DAEMON_RESUME:
      return daemon();
    case AUDIT_DAEMON_ACCEPT:
    case AUDIT_DAEMON_CLOSE:
      return daemon_peer();
    case AUDIT_CONFIG_CHANGE: {
      const bool good = simple_message();
      scan_.restart();
      static_cast<void>(file_after(" path=", Missing::fine));  // older kernels have none; that it is odd is no matter
      return good;
    }
    case AUDIT_AVC:
    case AUDIT_USER_AVC:
      return access_vector();
    case AUDIT_NETFILTER_PKT:
      return packet();
    case AUDIT_FEATURE_CHANGE:
    case AUDIT_ANOM_LINK:
      return task();
    case AUDIT_SECCOMP:
    case AUDIT_ANOM_PROMISCUOUS:
    case AUDIT_ANOM_ABEND:
      return kernel_anomaly();
    case AUDIT_NETFILTER_CFG:
    case AUDIT_EVENT_LISTENER:
      return kernel_event();
    case AUDIT_TTY:
      return teletype();
    default:
      break;
  }
  if (type_ >= kMacFirst && type_ <= kMacLast) return simple_message();
  if (type_ >= kIntegrityFirst && type_ <= kIntegrityLast) return integrity();
  return is_of_user(type_) ? user(nullptr) : true;  // others have nothing that is looked for
}

bool extract(const AuditEvent& event, uint32_t needs, Extracted& found) {
  for (const AuditRecord& record : event.records) {
    if (!RecordReader(record, needs, found).read()) return false;
  }
  return true;
}

}  // namespace acta::report::audit
