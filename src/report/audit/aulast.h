#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/event.h"

namespace acta::report::audit {

/// What aulast(8) takes.
struct AulastOptions {
  bool bad = false;        ///< failed logins, and those alone
  bool proof = false;      ///< serials, and the search for the rest, behind each line
  std::string user{};      ///< only this one; empty: all
  std::string terminal{};  ///< only terminals with this in their name; empty: all
  bool json = false;
  std::function<void(std::string_view record)> extract{};  ///< takes each record that was used; none: nobody does
};

/// Logins and starts of the system as aulast(8) of audit 3.0.9 lists them, in the order in which they end. Memory: what
/// is open. One thread.
class Aulast {
 public:
  using Write = std::function<void(std::string_view)>;
  /// `options` must outlive it.
  Aulast(const AulastOptions& options, Write write) : options_(options), write_(std::move(write)) {}

  /// The events of a log in the order of EventOrder.
  void add(const AuditEvent& event);
  /// Lists what is still open.
  void finish();

 private:
  enum class Status : uint8_t { begun, named, ended, crash, gone };
  struct Login {
    uint32_t session = 0, uid = 0;
    int pid = 0;
    int64_t start = 0, end = 0;  ///< seconds since 1970; 0: not ended
    std::string name{}, terminal{}, from{}, host{};
    bool has_from = false;
    int result = -1;  ///< 0: a login that succeeded; 1: one that failed
    Status status = Status::begun;
    uint64_t begin_serial = 0, name_serial = 0, end_serial = 0;
  };
  std::vector<Login>::iterator find(uint32_t uid, int pid, uint32_t session);
  void begin(const AuditEvent& event);
  void name(const AuditEvent& event);
  void fail(const AuditEvent& event, Login login);
  void end(const AuditEvent& event);
  void boot(const AuditEvent& event);
  void shut_down(const AuditEvent& event);
  void report(Login& login);
  void print_line(const Login& login, bool without_end);
  void print_proof(const Login& login);
  void print_json(const Login& login);

  const AulastOptions& options_;
  const Write write_;
  std::vector<Login> open_;
  std::string kernel_;
  bool has_kernel_ = false;
  int64_t last_ = 0;  ///< second of the last event
};

}  // namespace acta::report::audit
