// Refused accesses and anomalies that are tied to a guest: by SELinux level, AppArmor profile or resource, or process.
#include <algorithm>
#include <cctype>
#include <ranges>

#include "report/audit/auvirt.h"
#include "report/audit/field_walk.h"

namespace acta::report::audit {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

const Auvirt::Row* Auvirt::identity_of(std::string_view level) const {
  for (const Row& row : std::views::reverse(rows_)) {
    if (row.kind == Kind::identity && row.level && *row.level == level) return &row;
  }
  return nullptr;
}

void Auvirt::access(const AuditEvent& event) {
  FieldWalk walk(event);
  if (!is_wanted(event, walk)) return;
  if (walk.find("scontext")) return selinux(event, walk);
  walk.restart();
  if (!walk.find("apparmor")) return;
  walk.restart();
  apparmor(event, walk);
}

void Auvirt::selinux(const AuditEvent& event, FieldWalk& walk) {
  const auto level = level_of(walk.find("scontext"));
  Row row{.kind = Kind::access};
  if (!level || !read_user(event, walk, row)) return;
  const Row* guest = identity_of(*level);
  if (guest == nullptr) return;
  row.uuid = guest->uuid;
  row.has_uuid = guest->has_uuid;
  row.guest = guest->guest;
  row.proof = guest->proof;
  walk.restart();
  row.outcome = walk.find("seresult").value_or("");
  row.operation = walk.find("seperms").value_or("");
  row.command = walk.find_words("comm");
  row.target = walk.find_words("name");
  if (row.operation == "relabelfrom") row.context = walk.find("scontext").value_or("");
  if (row.operation == "relabelto") row.context = walk.find("tcontext").value_or("");
  add_row(std::move(row), event);
}

void Auvirt::apparmor(const AuditEvent& event, FieldWalk& walk) {
  constexpr std::string_view kPrefix = "libvirt-";
  if (walk.find("profile")) {
    const std::string profile = walk.words();
    const std::string_view base = std::string_view(profile).substr(profile.rfind('/') + 1);
    if (base.starts_with(kPrefix)) {
      const std::string_view uuid = base.substr(kPrefix.size());
      for (const Row& row : std::views::reverse(rows_)) {
        if (!row.success || !row.has_uuid || row.uuid != uuid) continue;
        if (row.kind == Kind::identity) {
          add_apparmor(event, walk, Row(row), nullptr);
          break;  // the rows have moved
        }
        if (row.kind == Kind::stop) break;
      }
    }
  }
  walk.restart();
  if (!walk.find("name")) return;
  const std::string target = walk.words();
  for (const Row& row : std::views::reverse(rows_)) {
    if (!row.success || row.kind != Kind::resource || row.end != 0 || row.resource != target) continue;
    return add_apparmor(event, walk, Row(row), &target);
  }
}

void Auvirt::add_apparmor(const AuditEvent& event, FieldWalk& walk, const Row& guest, const std::string* target) {
  Row row{.kind = Kind::access};
  if (!read_user(event, walk, row)) return;
  row.uuid = guest.uuid;
  row.has_uuid = guest.has_uuid;
  row.guest = guest.guest;
  row.proof = guest.proof;
  walk.restart();
  row.outcome = lower(walk.find_words("apparmor"));
  row.operation = walk.find_words("operation");
  row.target = target != nullptr ? *target : walk.find_words("name");
  row.command = walk.find_words("comm");
  add_row(std::move(row), event);
}

// The tool looks at the newest row alone.
const Auvirt::Row* Auvirt::running_with(int pid) const {
  if (pid < 0 || rows_.empty()) return nullptr;
  const Row& last = rows_.back();
  return last.pid == pid && last.success && last.kind == Kind::start && last.end == 0 ? &last : nullptr;
}

const Auvirt::Row* Auvirt::running_at(std::string_view level) const {
  const Row* guest = identity_of(level);
  if (guest == nullptr) return nullptr;
  const Row& last = rows_.back();
  const bool same = last.success && guest->has_uuid && last.has_uuid && last.uuid == guest->uuid;
  return same && last.kind == Kind::start && last.end == 0 ? &last : nullptr;
}

void Auvirt::anomaly(const AuditEvent& event) {
  FieldWalk walk(event);
  if (!is_wanted(event, walk)) return;
  Row row{.kind = Kind::anomaly};
  if (walk.find("pid")) row.pid = walk.number();
  const Row* run = running_with(row.pid);
  if (run == nullptr) {
    const auto level = level_of(walk.find("subj"));
    run = level ? running_at(*level) : nullptr;
  }
  if (run == nullptr || !read_user(event, walk, row)) return;
  row.uuid = run->uuid;
  row.has_uuid = run->has_uuid;
  row.guest = run->guest;
  row.proof = run->proof;
  add_row(std::move(row), event);
}

}  // namespace acta::report::audit
