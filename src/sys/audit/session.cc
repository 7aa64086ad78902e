#include "sys/audit/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <random>

#include "base/check.h"
#include "base/log.h"

namespace acta::kaudit {
namespace {

constexpr std::string_view kComponent = "audit_netlink";
// As the audit daemon: a backlog for a burst while every processor is busy, and nobody is held for it.
constexpr uint32_t kBacklogLimit = 65536;
constexpr uint32_t kNoWait = 0;
constexpr uint32_t kSilent = 0;
constexpr uint32_t kNoRateLimit = 0;
constexpr uint32_t kLocked = 2;
constexpr size_t kLossesMax = 256;

bool lives(uint32_t pid) {
  return pid != 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

std::string first_line(const char* path, const char* otherwise) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) ? line : otherwise;
}

// Who we are, as auditd's own records say it.
std::string self() {
  return fmt::format("auid={} pid={} uid={} ses={}", first_line("/proc/self/loginuid", "4294967295"), ::getpid(),
                     ::getuid(), first_line("/proc/self/sessionid", "4294967295"));
}

std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\'' || c == '"') c = '_';
  }
  return text;
}

}  // namespace

Session::Session(SessionOptions options, const Clock& clock, Fs& fs, SessionKernel kernel)
    : options_(std::move(options)),
      clock_(clock),
      kernel_(std::move(kernel)),
      saved_(fs, options_.state_directory),
      boot_(boot_id()),
      ring_(options_.ring),
      serial_said_(std::random_device{}() % 10000),  // as auditd begins
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(stop_);
  origin_.keep_original = options_.keep_original;
}

Session::~Session() {
  stop();
  save_appended();
}

void Session::start(uint16_t source, uint64_t run) {
  place_ = {.kind = RawKind::audit_record, .source = source, .run = run, .origin = &origin_};
  before_ = saved_.appended();
  if (before_ && before_->boot_id != boot_) before_.reset();
  thread_ = std::thread([this] { this->run(); });
}

void Session::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  if (::write(stop_.get(), &one, sizeof one) < 0) log::error(kComponent, "its thread cannot be woken");
  thread_.join();
}

// Body of the session's thread.
void Session::run() {
  while (!stopping_.load(std::memory_order_acquire)) {
    step();
    pollfd waited{.fd = stop_.get(), .events = POLLIN, .revents = 0};
    ::poll(&waited, 1, static_cast<int>(kPoll / kMillisecond));
  }
  end();
}

void Session::step() {
  const Nanos now = clock_.monotonic();
  if (!reader_) {
    if (now < next_try_) return;
    next_try_ = now + kRetry;
    if (auto begun = begin(); !begun) trouble(begun.error());
    return;
  }
  if (reader_->ended()) {
    reader_.reset();
  } else {
    watch();
  }
  save_appended();
}

void Session::trouble(const Error& error) {
  if (error.what != last_trouble_) {
    log::error(kComponent, fmt::format("{}; nothing is read, tried again every {} s", error.what, kRetry / kSecond));
  }
  last_trouble_ = error.what;
  set_active(false);
}

void Session::set_active(bool active) {
  const std::lock_guard lock(mutex_);
  counts_.active = active;
}

Result<Way> Session::choose(const Status& found) const {
  const bool other = lives(found.pid) && found.pid != static_cast<uint32_t>(::getpid());
  if (options_.choice == SessionOptions::Choice::multicast) return Way::multicast;
  if (!other) return Way::unicast;
  if (options_.choice == SessionOptions::Choice::automatic) return Way::multicast;
  return fail(
      Errc::denied,
      fmt::format("{} is the audit daemon, and there can be one: set socket: multicast to read beside it, or stop "
                  "it (service auditd stop)",
                  process_name(found.pid)),
      EEXIST);
}

Result<> Session::begin() {
  auto control = kernel_.control();
  if (!control) return tl::unexpected(control.error());
  control_ = std::move(*control);
  auto status = control_->status();
  const bool listens_only = options_.choice == SessionOptions::Choice::multicast;
  may_ask_ = status.has_value() || !(listens_only && status.error().code == Errc::denied);
  if (!may_ask_) {
    log::warning(kComponent, "without CAP_AUDIT_CONTROL: no rules are loaded, and what the kernel loses is not known");
    status = Status{.enabled = 1};
  }
  if (!status) return tl::unexpected(status.error());
  auto way = choose(*status);
  if (!way) return tl::unexpected(way.error());
  way_ = *way;
  RuleScript script;
  if (may_ask_) {
    if (auto remembered = remember(*status); !remembered) return remembered;
    script = wanted();
    if (auto set = change_settings(*status, way_, script); !set) return set;
  }
  if (auto read = read_stream(*status); !read) return read;
  if (may_ask_) load(*status, script);
  next_verify_ = clock_.monotonic() + options_.verify_every;
  return {};
}

// From here on nothing is missed.
Result<> Session::read_stream(const Status& status) {
  auto stream = kernel_.stream({.way = way_, .receive_buffer = options_.receive_buffer});
  if (!stream) return tl::unexpected(stream.error());
  reader_ = std::make_unique<Reader>(std::move(*stream), Reader::Options{.exact = way_ == Way::unicast}, ring_,
                                     read_counts_, clock_);
  reader_->start();
  set_active(true);
  status_ = status;
  polled_at_ = clock_.realtime();
  last_trouble_.clear();
  utsname host{};
  ::uname(&host);
  say("DAEMON_START",
      fmt::format("op=start ver=actabeat-{} format=raw kernel={} {} res=success", ACTA_VERSION, host.release, self()));
  log::info(kComponent, fmt::format("reads the kernel's audit stream by {}",
                                    way_ == Way::unicast ? "unicast, as the audit daemon" : "multicast"));
  if (before_) compare_with_last(status);
  return {};
}

// Rules, then the switch: with `immutable` nothing can be changed after it.
void Session::load(const Status& found, const RuleScript& script) {
  if (found.enabled == kLocked) {
    log::warning(kComponent, "audit is locked until the next boot (enabled 2): rules and settings stay as they are");
    return;
  }
  if (auto applied = apply_rules(script, false); !applied) log::error(kComponent, applied.error().what);
  const uint32_t enabled = options_.immutable ? kLocked : std::max<uint32_t>(found.enabled, 1);
  if (enabled == found.enabled) return;
  if (auto set = control_->set({.mask = Change::kEnabled, .to = {.enabled = enabled}}); !set)
    log::error(kComponent, set.error().what);
}

// What is there before the first change of this boot; or what an earlier process of ours found, if it could not put
// that back.
Result<> Session::remember(const Status& status) {
  if (found_) return {};
  auto earlier = saved_.found();
  if (earlier && earlier->boot_id == boot_) {
    found_ = std::move(*earlier);
    log::info(kComponent, "an earlier run did not put back what it found: this one will");
    return {};
  }
  found_ = Found{.boot_id = boot_, .status = status, .changed = 0, .added = {}, .removed = {}};
  return {};
}

Result<> Session::change_settings(const Status& found, Way way, const RuleScript& script) {
  if (found.enabled == kLocked) return {};
  Change change = script.settings;
  change.mask &= ~static_cast<uint32_t>(Change::kEnabled);  // set last
  const auto set = [&](Change::Mask mask, uint32_t Status::*member, const std::optional<uint32_t>& given,
                       uint32_t own) {
    if (!given && (way == Way::multicast || (change.mask & mask) != 0)) return;
    change.mask |= mask;
    change.to.*member = given.value_or(own);
  };
  set(Change::kBacklogLimit, &Status::backlog_limit, options_.backlog_limit, kBacklogLimit);
  set(Change::kRateLimit, &Status::rate_limit, options_.rate_limit, kNoRateLimit);
  set(Change::kFailure, &Status::failure, options_.failure, kSilent);
  if (found.has_wait_time) set(Change::kWaitTime, &Status::wait_time, options_.wait_time, kNoWait);
  const bool enable = found.enabled == 0 || options_.immutable;
  found_->changed |= change.mask | (enable ? uint32_t{Change::kEnabled} : 0);
  if (options_.restore && found_->changed != 0) {
    if (auto saved = saved_.save(*found_); !saved) return saved;  // nothing is changed that could not be put back
  }
  return change.mask == 0 ? Result<>{} : control_->set(change);
}

RuleScript Session::wanted() const {
  RuleScript script;
  if (options_.exclude_self && way_ == Way::multicast) {
    // First of all rules: what this process does makes no event, or each document would make the next one. The audit
    // daemon the kernel exempts itself (kernel/auditsc.c: auditd_test_task); a rule would cost every call of the host.
    script = parse_rules(fmt::format("-A never,exit -F pid={}", ::getpid()), "exclude_self");
  }
  script.append(read_rules(options_.rule_files, options_.rules));
  return script;
}

Result<> Session::apply_rules(const RuleScript& script, bool again) {
  if (!again) {
    for (const std::string& line : script.bad) log::error(kComponent, "rule " + line);
    if (options_.strict && !script.bad.empty())
      return fail(Errc::config, fmt::format("{} bad rules, and strict: none is loaded", script.bad.size()));
    script_ = script;
  }
  auto there = control_->rules();
  if (!there) return tl::unexpected(there.error());
  std::vector<RuleChange> changes = difference(script, *there, options_.replace);
  // Ours from before that are wanted no more: after a reload, or a kill.
  for (const RuleBytes& rule : found_->added) {
    const auto same = [&](const auto& other) { return same_rule(other.bytes, rule); };
    const bool is_there = std::ranges::any_of(*there, [&](const RuleBytes& r) { return same_rule(r, rule); });
    if (is_there && std::ranges::none_of(script.rules, same) && std::ranges::none_of(changes, same))
      changes.insert(changes.begin(), {.op = Rule::Op::remove, .bytes = rule, .text = print_rule(rule), .where = ""});
  }
  if (changes.empty()) {
    if (!again) log::info(kComponent, "all rules are there already");
    return {};
  }
  Found next = *found_;
  for (const RuleChange& change : changes) {
    const bool known = std::ranges::any_of(next.added, [&](const RuleBytes& r) { return same_rule(r, change.bytes); });
    if (change.op != Rule::Op::remove && !known) next.added.push_back(change.bytes);
    if (change.op == Rule::Op::remove && !known) next.removed.push_back(change.bytes);
  }
  if (options_.restore) {
    if (auto saved = saved_.save(next); !saved) return saved;
  }
  found_ = std::move(next);
  size_t done = 0;
  std::string failures;
  for (const RuleChange& change : changes) {
    const auto result =
        change.op == Rule::Op::remove ? control_->delete_rule(change.bytes) : control_->add_rule(change.bytes);
    if (result || result.error().sys == EEXIST || result.error().sys == ENOENT) {
      ++done;
      continue;
    }
    log::error(kComponent, fmt::format("rule {}: {}: {}", change.where, change.text, result.error().what));
    if (!options_.strict) continue;
    undo_rules(*found_);
    return fail(Errc::config, "a rule was refused, and strict: none is loaded");
  }
  log::info(kComponent, fmt::format("{} of {} changes of rules made", done, changes.size()));
  if (again) {
    {
      const std::lock_guard lock(mutex_);
      counts_.rules_put_back += done;
    }
    log::warning(kComponent, fmt::format("somebody changed the audit rules: {} put back", done));
    say("DAEMON_CONFIG",
        fmt::format("op=put-back-rules rules={} first=\"{}\" {} res={}", done, on_one_line(changes.front().text),
                    self(), done == changes.size() ? "success" : "failed"));
  }
  return {};
}

// Takes our rules away and brings back those that were taken away for them.
void Session::undo_rules(const Found& found) {
  auto there = control_->rules();
  if (!there) return log::error(kComponent, there.error().what);
  const auto is_there = [&](const RuleBytes& rule) {
    return std::ranges::any_of(*there, [&](const RuleBytes& r) { return same_rule(r, rule); });
  };
  const auto tell = [](const Result<>& result, const RuleBytes& rule) {
    if (!result) log::error(kComponent, fmt::format("rule {}: {}", print_rule(rule), result.error().what));
  };
  for (const RuleBytes& rule : found.added) {
    if (is_there(rule)) tell(control_->delete_rule(rule), rule);
  }
  for (const RuleBytes& rule : found.removed) {
    if (!is_there(rule)) tell(control_->add_rule(rule), rule);
  }
}

void Session::put_back() {
  if (!found_ || !options_.restore || !control_ || !may_ask_) return;
  auto status = control_->status();
  if (!status) return log::error(kComponent, status.error().what);
  if (status->enabled == kLocked) {
    return log::warning(kComponent, "audit is locked until the next boot (enabled 2): nothing can be put back");
  }
  undo_rules(*found_);
  if (found_->changed != 0) {
    if (auto set = control_->set({.mask = found_->changed, .to = found_->status}); !set)
      return log::error(kComponent, "what was found is not put back: " + set.error().what);
  }
  if (auto forgotten = saved_.forget_found(); !forgotten) log::error(kComponent, forgotten.error().what);
  found_.reset();
}

void Session::end() {
  if (!reader_) {
    put_back();
    return;
  }
  if (may_ask_) {
    if (auto status = control_->status()) watch_lost(*status);
  }
  say("DAEMON_END", fmt::format("op=terminate {} res=success", self()));
  put_back();
  reader_->stop();
  set_active(false);
}

void Session::watch() {
  if (!may_ask_) {
    if (before_ && reader_->first_serial() != 0) compare_with_last(status_);
    return;
  }
  auto status = control_->status();
  if (!status) return trouble(status.error());
  watch_lost(*status);
  if (const uint32_t rival = reader_->take_rival(); rival != 0)
    log::warning(kComponent, process_name(rival) + " wanted to be the audit daemon, and was refused");
  if (way_ == Way::unicast && status->pid != static_cast<uint32_t>(::getpid())) {
    log::error(kComponent,
               fmt::format("{} is the audit daemon now", status->pid == 0 ? "nobody" : process_name(status->pid)));
    lose(LossReason::serial_gap, 0, true, clock_.realtime(), {});
    reader_->stop();
    set_active(false);
    return;
  }
  const Nanos now = clock_.monotonic();
  if (reload_.exchange(false, std::memory_order_relaxed)) {
    if (auto applied = apply_rules(wanted(), false); !applied) log::error(kComponent, applied.error().what);
  } else if (options_.verify_every != 0 && now >= next_verify_ && status->enabled != kLocked) {
    next_verify_ = now + options_.verify_every;
    if (auto applied = apply_rules(script_, true); !applied) log::error(kComponent, applied.error().what);
  }
}

// What the kernel counts since the last look. As the audit daemon that is exactly what we do not get; as a listener it
// is neither more nor less than a sign.
void Session::watch_lost(const Status& status) {
  const Nanos now = clock_.realtime();
  const auto grown = static_cast<int32_t>(status.lost - status_.lost);
  const uint32_t lost = grown >= 0 ? static_cast<uint32_t>(grown) : status.lost;  // somebody reset it
  std::vector<SerialRange> missing = reader_->take_missing();
  if (lost != 0) {
    const bool exact = way_ == Way::unicast;
    lose(LossReason::kernel_backlog, exact ? lost : 0, !exact, polled_at_, std::move(missing));
  } else if (!missing.empty()) {
    const uint64_t count = count_of(missing);
    lose(LossReason::serial_gap, count, true, polled_at_, std::move(missing));
  }
  polled_at_ = now;
  status_ = status;
  if (before_ && reader_->first_serial() != 0) compare_with_last(status);
  const std::lock_guard lock(mutex_);
  counts_.kernel_lost += lost;
  counts_.status = status;
}

// What happened between the last record that was appended and the first of now.
void Session::compare_with_last(const Status& status) {
  const uint32_t first = reader_->first_serial();
  if (first == 0) {
    const auto grown = static_cast<int32_t>(status.lost - before_->lost);
    if (grown > 0)
      lose(LossReason::kernel_backlog, static_cast<uint32_t>(grown), way_ != Way::unicast, before_->time, {});
    before_->lost = status.lost;
    return;
  }
  const auto ahead = static_cast<int32_t>(first - before_->serial);
  if (ahead > 1 && before_->serial != 0)
    lose(LossReason::serial_gap, 0, true, before_->time, {{before_->serial + 1, first - 1}});
  before_.reset();
}

void Session::save_appended() {
  const uint32_t serial = safe_serial_.load(std::memory_order_relaxed);
  const Appended now{.boot_id = boot_, .serial = serial, .lost = status_.lost, .time = clock_.realtime()};
  if (serial == 0 || (now.serial == last_saved_.serial && now.lost == last_saved_.lost)) return;
  if (auto saved = saved_.save(now); !saved) log::error(kComponent, saved.error().what);
  last_saved_ = now;
}

// A record of our own, as the audit daemon writes them.
void Session::say(std::string_view type, std::string_view text) {
  const Nanos now = clock_.realtime();
  reader_->say(fmt::format("type={} msg=audit({}.{:03}:{}): {}", type, now / kSecond, now % kSecond / kMillisecond,
                           ++serial_said_, text));
}

void Session::lose(LossReason reason, uint64_t count, bool at_least, Nanos from, std::vector<SerialRange> serials) {
  Loss loss{.reason = reason,
            .source = place_.source,
            .count = count,
            .at_least = at_least,
            .from = from,
            .to = clock_.realtime()};
  for (const SerialRange& range : serials) loss.add_serials(range);
  const std::lock_guard lock(mutex_);
  if (losses_.size() >= kLossesMax && losses_.back().is_like(loss)) return losses_.back().merge(loss);
  losses_.push_back(std::move(loss));
}

bool Session::take(RawBatch& batch) {
  const bool more = ring_.drain(batch, place_);
  const std::lock_guard lock(mutex_);
  for (Loss& loss : losses_) batch.lost(std::move(loss));
  losses_.clear();
  return more;
}

SessionCounts Session::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace acta::kaudit
