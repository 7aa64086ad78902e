#include "processors/audit/decoder.h"

#include <string>
#include <utility>

#include "processors/audit/explain.h"
#include "processors/audit/normalizer.h"
#include "processors/audit/unparsable.h"

namespace acta::audit {
namespace {

class AuditDecoder final : public Decoder {
 public:
  AuditDecoder(const Services& services, const DecoderOptions& options)
      : services_(services),
        explain_(options.explain),
        assembler_(options.assembly),
        normalizer_(services, {.args_bytes_max = options.args_bytes_max}),
        emit_([this](const AssembledEvent& event) { take(event); }) {}

  [[nodiscard]] RawKind kind() const override { return RawKind::audit_record; }

  void feed(const RawItem& item, Nanos read_at, EventSink& sink) override {
    sink_ = &sink;
    const auto parsed = item.piece ? Result<>(fail(Errc::corrupt, "a part of a line longer than any record"))
                                   : parser_.parse(item.bytes, record_);
    if (!parsed) {
      write_unparsable(services_, item, parsed.error().what, read_at, event_);
      sink.emit(
          event_,
          {.source = item.source, .begin = item.begin, .end = item.end, .key = 0, .records = 1, .origin = item.origin});
    } else if (!assembler_.add(record_, item, read_at, emit_)) {
      sink.duplicates(item.source, 1);
    }
  }

  void idle(Nanos monotonic, EventSink& sink) override {
    sink_ = &sink;
    assembler_.idle(monotonic, emit_);
  }

  void flush(EventSink& sink) override {
    sink_ = &sink;
    assembler_.flush(emit_);
  }

  void flush_source(uint16_t source, EventSink& sink) override {
    sink_ = &sink;
    assembler_.flush(source, emit_);
  }

  [[nodiscard]] Position oldest_open(uint16_t source) const override { return assembler_.oldest_open(source); }
  [[nodiscard]] uint64_t open_records(uint16_t source) const override { return assembler_.open_records(source); }

  [[nodiscard]] uint64_t key_of(const RawItem& item) const override {
    if (item.piece) return 0;
    const auto record = parse_record(item.bytes);
    return record ? hash(record->key) : 0;
  }

 private:
  void take(const AssembledEvent& event) {
    if (!normalizer_.normalize(event, event_, explain_ ? &explainer_ : nullptr)) {
      sink_->duplicates(event.provenance.source, event.provenance.records);
      return;
    }
    if (explain_) {
      lines_.clear();
      explainer_.append_lines(normalizer_.fields(), event_.text(FieldId::kEventId), lines_);
      explain_(lines_);
    }
    sink_->emit(event_, event.provenance);
  }

  const Services& services_;
  std::function<void(std::string_view)> explain_;
  RecordParser parser_;
  Record record_;
  Assembler assembler_;
  Normalizer normalizer_;
  Assembler::Emit emit_;
  Explainer explainer_;
  std::string lines_;
  Event event_;
  EventSink* sink_ = nullptr;  ///< of the call in progress
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options) {
  return std::make_unique<AuditDecoder>(services, options);
}

}  // namespace acta::audit
