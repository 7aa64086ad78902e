#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/event.h"
#include "report/audit/period.h"

namespace acta::report::audit {

class FieldWalk;

/// What auvirt(8) takes.
struct AuvirtOptions {
  bool all_events = false;
  bool summary = false;
  bool show_uuid = false;
  bool proof = false;
  std::string guest{}, uuid{};  ///< only these; empty: all
  Period period{};
  bool json = false;
};

/// Virtual machines as auvirt(8) of audit 3.0.9 lists them: a row for each start, and with --all-events for each stop,
/// resource, refused access and anomaly. Rows end when later events say so, so all are kept until finish(). One thread.
class Auvirt {
 public:
  using Write = std::function<void(std::string_view)>;
  /// `options` must outlive it.
  Auvirt(const AuvirtOptions& options, Write write) : options_(options), write_(std::move(write)) {}

  /// The events of a log in the order of EventOrder.
  void add(const AuditEvent& event);
  /// Prints the rows, or the summary.
  void finish();

 private:
  enum class Kind : uint8_t { start, stop, identity, access, resource, anomaly };
  struct Row {
    Kind kind = Kind::start;
    int64_t start = 0, end = 0;  ///< seconds since 1970; 0: not ended
    std::string user{}, uuid{}, guest{}, host{};
    bool has_uuid = false;
    bool success = false;
    int pid = -1;
    std::string reason{}, type{}, resource{};                            ///< of a resource
    std::string cgroup_class{}, cgroup_acl{}, cgroup_detail{};           ///< of a control group
    std::optional<std::string> level{};                                  ///< SELinux level and categories of a guest
    std::string operation{}, outcome{}, command{}, target{}, context{};  ///< of a refused access
    std::vector<uint64_t> proof{};
  };
  bool is_wanted(const AuditEvent& event, FieldWalk& walk) const;
  bool read_guest(const AuditEvent& event, FieldWalk& walk, Row& row) const;
  static std::optional<std::string> level_of(std::optional<std::string_view> label);
  static bool read_user(const AuditEvent& event, FieldWalk& walk, Row& row);
  void add_row(Row row, const AuditEvent& event);
  void add_proof(Row& row, const AuditEvent& event) const;
  void end_resource(Row& row, const AuditEvent& event);

  void identity(const AuditEvent& event);
  void control(const AuditEvent& event);
  void start(const AuditEvent& event, FieldWalk& walk);
  void stop(const AuditEvent& event, FieldWalk& walk);
  Row* close_run(const Row& stop, const AuditEvent& event);
  void resource(const AuditEvent& event);
  void assign(Row row, FieldWalk& walk, std::string resource, const AuditEvent& event);
  void release(const Row& row, const std::string& resource, const AuditEvent& event);
  void access(const AuditEvent& event);
  void selinux(const AuditEvent& event, FieldWalk& walk);
  void apparmor(const AuditEvent& event, FieldWalk& walk);
  void add_apparmor(const AuditEvent& event, FieldWalk& walk, const Row& guest, const std::string* target);
  void anomaly(const AuditEvent& event);
  const Row* running_with(int pid) const;
  const Row* running_at(std::string_view level) const;
  const Row* identity_of(std::string_view level) const;

  void print_row(const Row& row);
  void print_json(const Row& row);
  void print_summary();

  const AuvirtOptions& options_;
  const Write write_;
  std::vector<Row> rows_;
};

}  // namespace acta::report::audit
