#include "processors/history/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace acta::history {
namespace {

using enum FieldId;
using Kind = Step::Kind;

struct Row {
  std::string_view type;
  Kind kind;
};
constexpr Row kRows[] = {
    {"LOGIN", Kind::login},
    {"USER_LOGIN", Kind::logged_in},
    {"USER_END", Kind::logged_out},
    {"SYSTEM_BOOT", Kind::boot},
    {"SYSTEM_SHUTDOWN", Kind::shutdown},
    {"DAEMON_START", Kind::auditd_started},
    {"VIRT_CONTROL", Kind::guest_control},
    {"VIRT_RESOURCE", Kind::guest_resource},
};

std::string_view data(const Event& event, std::string_view key) {
  const Value* value = event.find(kAuditdData, key);
  return value == nullptr ? std::string_view{} : value->text();
}

// The value in words where it was printed in hexadecimal.
std::string_view words(const Event& event, std::string_view key) {
  const Value* value = event.find(kAuditdInterpreted, key);
  return value == nullptr ? data(event, key) : value->text();
}

// The key as the record `type` has it, where another record of the event has it too, or as it comes a second time in
// the one record there is.
std::string_view repeated(const Event& event, std::string_view type, std::string_view key) {
  std::string_view found;
  bool of_type = false, done = false;
  event.each(kAuditdRepeated, [&](const Event::Entry& entry) {
    if (done || !entry.group.empty()) return;
    if (entry.key == "record_type") of_type = entry.value.text() == type;
    if (!of_type || entry.key != key) return;
    found = entry.value.text();
    done = true;
  });
  return found;
}

// The key of the record that makes the step, whatever other records the event has.
std::string_view own(const Event& event, std::string_view type, std::string_view key) {
  const std::string_view value = repeated(event, type, key);
  return value.empty() ? data(event, key) : value;
}

// -1 for none, and for the number that stands for none.
int64_t number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || error != std::errc{} || end != text.data() + text.size() || value == UINT32_MAX
             ? -1
             : static_cast<int64_t>(value);
}

bool is_word(std::string_view text) {
  return !text.empty() && text != "?" && text != "(none)" && text != "(null)";
}

std::string clipped(std::string_view text) {
  return std::string(text.substr(0, kTextMax));
}

std::string host_of(const Event& event) {
  const std::string_view name = data(event, "hostname");
  const std::string_view host = is_word(name) ? name : data(event, "addr");
  return is_word(host) ? clipped(host) : std::string{};
}

// Who logged in by a USER_LOGIN: gdm says it by a second uid=, all others by id=.
int64_t login_uid(const Event& event, std::string_view type) {
  const std::string_view second = repeated(event, type, "uid");
  return number(second.empty() ? data(event, "id") : second);
}

void read_login(const Event& event, std::string_view type, Step& step) {
  step.pid = number(own(event, type, "pid"));
  step.session = number(own(event, type, "ses"));
  step.uid = step.kind == Kind::logged_in ? login_uid(event, type) : number(own(event, type, "auid"));
  if (step.kind == Kind::login) step.user = clipped(event.text(kUserEffectiveName));
  if (step.kind != Kind::logged_in) return;
  const std::string_view terminal = data(event, "terminal");
  step.terminal = clipped(terminal.starts_with("/dev/") ? terminal.substr(5) : terminal);
  step.host = host_of(event);
  step.program = clipped(data(event, "exe"));
}

// "disk /virt/web.img", "cgroup allow path /virt/web.img", "cgroup deny all".
std::string resource_of(const Event& event) {
  const std::string_view type = data(event, "resrc");
  if (!is_word(type)) return {};
  if (type == "cgroup") {
    const std::string_view kind = data(event, "class");
    const std::string_view which = kind == "path" ? words(event, "path") : data(event, "category");
    return clipped(fmt::format("cgroup {} {}{}{}", data(event, "reason"), kind, which.empty() ? "" : " ", which));
  }
  const std::string_view what = words(event, fmt::format("new_{}", type.substr(0, kTextMax)));
  if (!is_word(what) || what == "0") return {};
  return clipped(fmt::format("{} {}", type, what));
}

bool read_guest(const Event& event, Step& step) {
  step.guest = clipped(words(event, "vm"));
  step.uuid = clipped(data(event, "uuid"));
  step.uid = number(data(event, "auid"));
  if (step.uuid.empty() || step.guest.empty()) return false;
  step.hypervisor = clipped(data(event, "virt"));
  step.user = clipped(event.text(kUserName));
  step.pid = number(data(event, "vm_pid"));
  if (step.kind == Kind::guest_resource) {
    step.resource = resource_of(event);
    return step.succeeded && !step.resource.empty();
  }
  const std::string_view op = data(event, "op");
  step.starts = op == "start";
  return step.starts || op == "stop";
}

// HOST:NODE:SEC.MMM:SERIAL without the hash that an incomplete event has behind it. A node may have any name.
std::string_view plain_id(std::string_view id) {
  const size_t mark = id.rfind('~');
  return mark == std::string_view::npos || id.find(':', mark) != std::string_view::npos ? id : id.substr(0, mark);
}

bool read(const Event& event, std::string_view type, Step& step) {
  step.succeeded = event.text(kEventOutcome) != "failure";
  switch (step.kind) {
    case Kind::login:
    case Kind::logged_in:
    case Kind::logged_out:
      if (step.kind == Kind::logged_in && !step.succeeded) return false;
      read_login(event, type, step);
      return step.pid >= 0 && step.uid >= 0 && step.session >= 0;
    case Kind::auditd_started:
      step.kernel = clipped(data(event, "kernel"));
      return !step.kernel.empty();
    case Kind::guest_control:
    case Kind::guest_resource:
      return read_guest(event, step);
    case Kind::boot:
    case Kind::shutdown:
      return true;
  }
  return false;
}

}  // namespace

std::optional<Step> step_of(const Event& event) {
  const Value* first = event.find(kAuditdRecordTypes);
  if (first == nullptr) return std::nullopt;
  const std::string_view type = first->text();
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.type == type; });
  const Value* time = event.find(kTimestamp);
  if (row == std::end(kRows) || time == nullptr) return std::nullopt;
  Step step{.kind = row->kind, .time = time->integer()};
  step.id = plain_id(event.text(kEventId));
  if (step.id.size() > kTextMax) step.id.erase(0, step.id.size() - kTextMax);  // its end tells it from others
  const Value* serial = event.find(kEventSequence);
  step.serial = fmt::format("{}", serial == nullptr ? 0 : serial->integer());
  step.node = clipped(event.text(kAuditdNode));
  if (!read(event, type, step)) return std::nullopt;
  return step;
}

}  // namespace acta::history
