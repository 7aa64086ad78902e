#include <array>
#include <memory>

#include "inputs/input.h"
#include "sys/audit/plugin_stream.h"
#include "sys/audit/reader.h"

namespace acta {
namespace {

// Records that wait at most: mostly the bytes are the bound.
constexpr size_t kRingRecords = 262'144;

constexpr std::array kOptions = {
    Option{.key = "path",
           .type = Option::Type::text,
           .fallback = "",
           .help = "Socket of auditd's af_unix plug-in. Without it the agent is a plug-in itself, which auditd starts: "
                   "records come over standard input."},
    Option{.key = "ring_size",
           .type = Option::Type::bytes,
           .fallback = "16MB",
           .help =
               "Records that wait in the agent. Beyond it the newest are dropped, counted, and told in a document, so "
               "that auditd never waits.",
           .min = 1 << 20,
           .max = 1 << 30},
    Option{.key = "keep_original",
           .type = Option::Type::boolean,
           .fallback = "false",
           .help = "Put the raw records of an event into event.original."},
};

/// What auditd hands to its plug-ins: it serves all of them in turn with blocking writes, so a thread of its own
/// (Reader) takes everything at once. The format, string or binary, is told by the first byte.
class AuditPlugin final : public Input {
 public:
  AuditPlugin(std::string path, size_t ring_bytes, bool keep_original)
      : path_(std::move(path)), ring_({.records_max = kRingRecords, .bytes_max = ring_bytes}) {
    origin_.keep_original = keep_original;
  }

  Result<> open(uint16_t source, const Cursor& resume) override {
    place_ = {.kind = RawKind::audit_record, .source = source, .run = resume.read_to.file + 1, .origin = &origin_};
    reader_ = std::make_unique<kaudit::Reader>(std::make_unique<kaudit::PluginStream>(path_, clock_),
                                               kaudit::Reader::Options{.exact = false}, ring_, counts_, clock_);
    reader_->start();
    return {};
  }

  [[nodiscard]] int poll_fd() const override { return ring_.poll_fd(); }

  Result<Pull> pull(RawBatch& batch) override {
    if (!reader_) return fail(Errc::closed, "audit_plugin is not open");
    const bool ended = reader_->ended();
    if (ring_.drain(batch, place_)) return Pull::more;
    return ended ? Pull::done : Pull::idle;
  }

  void finish() override {
    if (reader_) reader_->stop();
  }
  [[nodiscard]] bool can_wait() const override { return false; }
  void safe(Position) override {}
  [[nodiscard]] std::vector<FileMark> marks(Position) const override { return {}; }
  [[nodiscard]] InputCounts counts() const override {
    const RecordRing::Counts ring = ring_.counts();
    return {.records = ring.given, .dropped = ring.dropped, .held = ring.held, .bytes = counts_.bytes.load()};
  }
  Result<> close() override {
    reader_.reset();
    return {};
  }

 private:
  const std::string path_;
  RecordRing ring_;
  RecordRing::Place place_;
  Origin origin_;
  SystemClock clock_;
  kaudit::ReaderCounts counts_;
  std::unique_ptr<kaudit::Reader> reader_;
};

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  return std::make_unique<AuditPlugin>(settings.has("path") ? settings.text("path") : "", settings.bytes("ring_size"),
                                       settings.boolean("keep_original"));
}

constexpr Component<Input> kComponent{
    .name = "audit_plugin",
    .summary = "Reads what auditd hands to its plug-ins, over standard input or a socket.",
    .options = kOptions,
    .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
