#include "report/audit/auvirt.h"

#include <libaudit.h>

#include <algorithm>
#include <cctype>
#include <ranges>

#include "report/audit/field_walk.h"

namespace acta::report::audit {
namespace {

constexpr size_t kProofsMax = 4;

bool is_resource(std::string_view name) {
  return !name.empty() && name != "0" && name != "?";
}

bool is_of(int type, int first, int last) {
  return type >= first && type <= last;
}

}  // namespace

// system_u:system_r:svirt_t:s0:c107,c434 -> s0:c107,c434
std::optional<std::string> Auvirt::level_of(std::optional<std::string_view> label) {
  if (!label) return std::nullopt;
  size_t at = 0;
  for (int colons = 0; colons < 3; ++colons) {
    at = label->find(':', at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
  }
  return std::string(label->substr(at));
}

void Auvirt::add(const AuditEvent& event) {
  const int type = event.type();
  if (type == AUDIT_VIRT_MACHINE_ID) return identity(event);
  if (type == AUDIT_VIRT_CONTROL) return control(event);
  if (type == AUDIT_VIRT_RESOURCE) return resource(event);
  if (!options_.all_events && !options_.summary) return;
  if (type == AUDIT_AVC) return access(event);
  if (is_of(type, AUDIT_FIRST_ANOM_MSG, AUDIT_LAST_ANOM_MSG) ||
      is_of(type, AUDIT_FIRST_KERN_ANOM_MSG, AUDIT_LAST_KERN_ANOM_MSG))
    anomaly(event);
}

bool Auvirt::is_wanted(const AuditEvent& event, FieldWalk& walk) const {
  if (!options_.period.has(event.second)) return false;
  const auto is_other = [&](const std::string& wanted, std::string_view name) {
    return !wanted.empty() && walk.find(name) && walk.words() != wanted;
  };
  if (is_other(options_.guest, "vm") || is_other(options_.uuid, "uuid")) return false;
  walk.restart();
  return true;
}

bool Auvirt::read_user(const AuditEvent& event, FieldWalk& walk, Row& row) {
  walk.restart();
  if (!walk.find("uid")) return false;
  row.user = walk.words();
  row.start = event.second;
  row.host = event.host;
  return true;
}

// What every record of a guest has to say, in this order.
bool Auvirt::read_guest(const AuditEvent& event, FieldWalk& walk, Row& row) const {
  if (!read_user(event, walk, row) || !walk.find("vm")) return false;
  row.guest = walk.words();
  const auto uuid = walk.find("uuid");
  if (!uuid) return false;
  row.uuid = *uuid;
  row.has_uuid = true;
  const auto result = walk.find("res");
  row.success = result == "success";
  return result.has_value();
}

void Auvirt::add_proof(Row& row, const AuditEvent& event) const {
  if (row.proof.size() < kProofsMax) row.proof.push_back(event.serial);
}

void Auvirt::add_row(Row row, const AuditEvent& event) {
  add_proof(row, event);
  rows_.push_back(std::move(row));
}

void Auvirt::end_resource(Row& row, const AuditEvent& event) {
  if (row.kind != Kind::resource || row.end != 0) return;
  row.end = event.second;
  add_proof(row, event);
}

void Auvirt::identity(const AuditEvent& event) {
  FieldWalk walk(event);
  if (!is_wanted(event, walk)) return;
  Row row{.kind = Kind::identity};
  row.level = level_of(walk.find("vm-ctx"));
  if (walk.find("model") == "dac") return;
  if (read_guest(event, walk, row)) add_row(std::move(row), event);
}

void Auvirt::control(const AuditEvent& event) {
  FieldWalk walk(event);
  if (!is_wanted(event, walk)) return;
  const auto op = walk.find("op");
  if (op == "start") {
    start(event, walk);
  } else if (op == "stop") {
    stop(event, walk);
  }
}

void Auvirt::start(const AuditEvent& event, FieldWalk& walk) {
  Row row{.kind = Kind::start};
  if (!read_guest(event, walk, row)) return;
  if (!row.success) {
    // What was assigned since the guest's last run is free again.
    for (Row& other : std::views::reverse(rows_)) {
      if (!other.success || !other.has_uuid || other.uuid != row.uuid) continue;
      if (other.kind == Kind::stop || other.kind == Kind::identity) break;
      end_resource(other, event);
    }
  }
  walk.restart();
  if (walk.find("vm-pid")) row.pid = walk.number();
  add_row(std::move(row), event);
}

void Auvirt::stop(const AuditEvent& event, FieldWalk& walk) {
  Row row{.kind = Kind::stop};
  if (!read_guest(event, walk, row)) return;
  Row* run = close_run(row, event);
  if (run == nullptr) return;
  if (row.success) {
    run->end = event.second;
    // The tool adds the row of the stop first; the run's proof comes to the same.
    add_proof(*run, event);
  }
  walk.restart();
  if (walk.find("vm-pid")) row.pid = walk.number();
  add_row(std::move(row), event);
}

// The start that the stop belongs to, after what was assigned to its run is free; null when there is none.
Auvirt::Row* Auvirt::close_run(const Row& stop, const AuditEvent& event) {
  Row* run = nullptr;
  for (Row& other : std::views::reverse(rows_)) {
    if (!other.success || !other.has_uuid || other.uuid != stop.uuid) continue;
    if (other.kind == Kind::start) {
      if (other.end != 0 || run != nullptr) break;  // of a run before
      run = &other;
    } else if (other.kind == Kind::stop || other.kind == Kind::identity) {
      break;
    } else {
      end_resource(other, event);
    }
  }
  return run;
}

void Auvirt::resource(const AuditEvent& event) {
  FieldWalk walk(event);
  Row row{.kind = Kind::resource};
  if (!is_wanted(event, walk) || !read_guest(event, walk, row)) return;
  walk.restart();
  const auto type = walk.find("resrc");
  const auto reason = walk.find("reason");
  if (!type) return;
  row.type = *type;
  row.reason = reason.value_or("");
  constexpr std::string_view kReplaced[] = {"disk", "vcpu", "mem", "rng", "net"};
  if (std::ranges::find(kReplaced, row.type) != std::end(kReplaced)) {
    const std::string old = walk.find_words("old-" + row.type);
    release(row, old, event);
    std::string added = walk.find_words("new-" + row.type);
    assign(std::move(row), walk, std::move(added), event);
  } else if (row.type == "cgroup") {
    walk.restart();
    std::string group = walk.find_words("cgroup");
    assign(std::move(row), walk, std::move(group), event);
  }
}

void Auvirt::assign(Row row, FieldWalk& walk, std::string resource, const AuditEvent& event) {
  if (!is_resource(resource)) return;
  row.resource = std::move(resource);
  if (row.type == "cgroup") {
    if (const auto kind = walk.find("class")) {
      row.cgroup_class = *kind;
      if (*kind == "path") {
        row.cgroup_detail = walk.find_words("path");
      } else if (*kind == "major") {
        row.cgroup_detail = walk.find("category").value_or("");
      }
    }
    row.cgroup_acl = walk.find("acl").value_or("");
  }
  add_row(std::move(row), event);
}

void Auvirt::release(const Row& row, const std::string& resource, const AuditEvent& event) {
  if (!is_resource(resource) || !row.success) return;
  for (Row& other : std::views::reverse(rows_)) {
    if (other.kind != Kind::resource || !other.success || other.uuid != row.uuid || other.type != row.type ||
        other.resource != resource)
      continue;
    other.end = event.second;
    add_proof(other, event);
    return;
  }
}

}  // namespace acta::report::audit
