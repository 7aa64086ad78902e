#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>

#include "inputs/input.h"
#include "sys/audit/session.h"

namespace acta {
namespace {

using kaudit::Session;
using kaudit::SessionOptions;

// Records that wait at most: mostly the bytes are the bound.
constexpr size_t kRingRecords = 262'144;

constexpr std::array<std::string_view, 3> kSocket = {"auto", "unicast", "multicast"};
constexpr std::array<std::string_view, 4> kFailure = {"silent", "log", "panic", "default"};

constexpr std::array kOptions = {
    Option{.key = "socket",
           .type = Option::Type::text,
           .fallback = "auto",
           .help =
               "unicast: be the audit daemon, in place of auditd. multicast: listen beside one. auto: unicast unless "
               "another process is the audit daemon.",
           .choices = kSocket},
    Option{.key = "audit_rules",
           .type = Option::Type::text,
           .fallback = "",
           .help = "Audit rules in the syntax of auditctl(8), one a line."},
    Option{.key = "audit_rule_files",
           .type = Option::Type::list,
           .fallback = "",
           .help = "Files of audit rules: paths and glob patterns, in order."},
    Option{.key = "replace",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Take away rules that are not configured here. Otherwise those that are there stay."},
    Option{.key = "strict",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Load no rule when one of them is bad. Otherwise the bad one is said and left out."},
    Option{.key = "rules_check",
           .type = Option::Type::duration,
           .fallback = "1m",
           .help = "How often to look whether the rules are still there, and to put them back; 0 for never.",
           .min = 0,
           .max = 24 * 3600 * kSecond},
    Option{.key = "exclude_self",
           .type = Option::Type::boolean,
           .fallback = "true",
           .help = "With multicast: a rule before all others, so that what the agent itself does makes no events. As "
                   "the audit "
                   "daemon it makes none in any case."},
    Option{.key = "restore",
           .type = Option::Type::boolean,
           .fallback = "true",
           .help = "At the end put back the rules and settings that were found, also those that a killed run found."},
    Option{.key = "immutable",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Lock rules and settings until the next boot, once they are set."},
    Option{.key = "backlog_limit",
           .type = Option::Type::integer,
           .fallback = "-1",
           .help = "Records that may wait in the kernel; -1: 65536 with unicast, left as it is with multicast.",
           .min = -1,
           .max = UINT32_MAX},
    Option{.key = "backlog_wait_time",
           .type = Option::Type::integer,
           .fallback = "-1",
           .help = "Ticks of the kernel's clock that a process may be held when the backlog is full. By default 0 with "
                   "unicast, so that no process ever waits; left as it is with multicast.",
           .min = -1,
           .max = UINT32_MAX},
    Option{.key = "rate_limit",
           .type = Option::Type::integer,
           .fallback = "-1",
           .help = "Records a second that the kernel makes at most; 0 for no limit, the default with unicast.",
           .min = -1,
           .max = UINT32_MAX},
    Option{.key = "failure_mode",
           .type = Option::Type::text,
           .fallback = "default",
           .help = "What the kernel does when it loses records: silent (the default with unicast: the agent tells it), "
                   "log, or panic.",
           .choices = kFailure},
    Option{.key = "socket_buffer",
           .type = Option::Type::bytes,
           .fallback = "32MB",
           .help = "Receive buffer of the socket.",
           .min = 64 << 10,
           .max = 1 << 30},
    Option{.key = "ring_size",
           .type = Option::Type::bytes,
           .fallback = "16MB",
           .help = "Records that wait in the agent. Beyond it the newest are dropped, counted, and told in a document.",
           .min = 1 << 20,
           .max = 1 << 30},
    Option{.key = "keep_original",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Put the raw records of an event into event.original."},
};

/// The kernel's audit stream. Session reads it and looks after the kernel, on threads of its own; here it is only
/// handed on. Nothing can be read again: a restart begins another run.
class AuditNetlink final : public Input {
 public:
  explicit AuditNetlink(SessionOptions options) : options_(std::move(options)) {}

  // CAP_NET_ADMIN: a receive buffer beyond net.core.rmem_max. CAP_SYS_NICE: boost_thread(), where the limit is not
  // enough.
  [[nodiscard]] Capabilities capabilities() const override {
    return capability(CAP_AUDIT_CONTROL) | capability(CAP_AUDIT_READ) | capability(CAP_NET_ADMIN) |
           capability(CAP_SYS_NICE);
  }
  void keep_state_in(const std::string& directory) override { options_.state_directory = directory; }

  Result<> open(uint16_t source, const Cursor& resume) override {
    session_ = std::make_unique<Session>(options_, clock_, fs_);
    session_->start(source, resume.read_to.file + 1);
    return {};
  }

  [[nodiscard]] int poll_fd() const override { return session_ ? session_->fd() : -1; }

  Result<Pull> pull(RawBatch& batch) override {
    if (!session_) return fail(Errc::closed, "audit_netlink is not open");
    const bool more = session_->take(batch);
    if (batch.size() > 0) note_end(batch);
    if (more) return Pull::more;
    return finished_ ? Pull::done : Pull::idle;
  }

  void reload() override {
    if (session_) session_->reload();
  }

  void finish() override {
    if (session_) session_->stop();
    finished_ = true;
  }

  [[nodiscard]] bool can_wait() const override { return false; }

  void safe(Position position) override {
    while (!unsafe_.empty() && unsafe_.front().end <= position) {
      if (unsafe_.front().serial != 0) session_->appended(unsafe_.front().serial);
      unsafe_.pop_front();
    }
  }

  [[nodiscard]] std::vector<FileMark> marks(Position) const override { return {}; }

  [[nodiscard]] InputCounts counts() const override {
    if (!session_) return {};
    const kaudit::ReaderCounts& read = session_->read_counts();
    const RecordRing::Counts ring = session_->ring_counts();
    return {.records = ring.given,
            .dropped = ring.dropped,
            .held = ring.held,
            .bytes = read.bytes.load(),
            .gaps = read.overruns.load()};
  }

  Result<> close() override {
    finish();
    session_.reset();
    return {};
  }

 private:
  // Where the batch ends, and the serial that was read last there: what is compared at the next start.
  void note_end(const RawBatch& batch) {
    const RawItem last = batch[batch.size() - 1];
    const bool own = last.bytes.starts_with("type=DAEMON_");
    unsafe_.push_back({last.end, own && !unsafe_.empty() ? unsafe_.back().serial
                                 : own                   ? 0
                                                         : kaudit::serial_of(last.bytes)});
  }

  struct Unsafe {
    Position end;
    uint32_t serial;
  };

  SessionOptions options_;
  SystemClock clock_;
  PosixFs fs_;
  std::unique_ptr<Session> session_;
  std::deque<Unsafe> unsafe_;  ///< ends of batches that are given and not safe
  bool finished_ = false;
};

// A kernel setting; nothing for -1.
std::optional<uint32_t> number(const Settings& settings, std::string_view key) {
  const int64_t given = settings.integer(key);
  return given < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(given));
}

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  SessionOptions options{.receive_buffer = settings.bytes("socket_buffer"),
                         .ring = {.records_max = kRingRecords, .bytes_max = settings.bytes("ring_size")},
                         .backlog_limit = number(settings, "backlog_limit"),
                         .rate_limit = number(settings, "rate_limit"),
                         .wait_time = number(settings, "backlog_wait_time"),
                         .immutable = settings.boolean("immutable"),
                         .restore = settings.boolean("restore"),
                         .rule_files = {},
                         .rules = {},
                         .replace = settings.boolean("replace"),
                         .strict = settings.boolean("strict"),
                         .exclude_self = settings.boolean("exclude_self"),
                         .verify_every = settings.duration("rules_check"),
                         .keep_original = settings.boolean("keep_original"),
                         .state_directory = {}};
  if (settings.has("audit_rule_files")) options.rule_files = settings.list("audit_rule_files");
  if (settings.has("audit_rules")) options.rules = settings.text("audit_rules");
  const std::string& socket = settings.text("socket");
  options.choice = socket == "unicast"     ? SessionOptions::Choice::unicast
                   : socket == "multicast" ? SessionOptions::Choice::multicast
                                           : SessionOptions::Choice::automatic;
  const std::string& failure = settings.text("failure_mode");
  if (failure != "default")
    options.failure = static_cast<uint32_t>(std::ranges::find(kFailure, failure) - kFailure.begin());
  return std::make_unique<AuditNetlink>(std::move(options));
}

constexpr Component<Input> kComponent{.name = "audit_netlink",
                                      .summary =
                                          "Reads the kernel's audit stream, as the audit daemon or beside it, and "
                                          "keeps its rules.",
                                      .options = kOptions,
                                      .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
