#include "processors/accounting/decoder.h"

#include <xxhash.h>

#include <charconv>
#include <string>

#include "processors/accounting/process_end.h"
#include "processors/accounting/record.h"
#include "sys/acct_file.h"
#include "sys/hex.h"

namespace acta::accounting {
namespace {

using enum FieldId;

constexpr std::string_view kNoFile = "-";  // instead of a fingerprint: standard input

class AccountingDecoder final : public Decoder {
 public:
  AccountingDecoder(const Services& services, const DecoderOptions& options) : services_(services), options_(options) {}

  [[nodiscard]] RawKind kind() const override { return RawKind::accounting_record; }

  void feed(const RawItem& item, Nanos read_at, EventSink& sink) override {
    event_.clear();
    if (services_.parts != nullptr) event_.set_constant(services_.parts->own());
    const std::optional<Record> record = item.piece ? std::nullopt : decode(item.bytes, options_.ahz);
    if (record) {
      fill_process_end(*record, *services_.users, event_);
      const auto number = static_cast<int64_t>(item.begin.offset / item.bytes.size());
      event_.set(kEventSequence, number);
      event_.set(kAcctRecord, number);
    } else {
      fill_error(item, read_at);
    }
    event_.set_time(kEventCreated, read_at);
    set_place(item);
    sink.emit(event_,
              {.source = item.source, .begin = item.begin, .end = item.end, .records = 1, .origin = item.origin});
  }

  void idle(Nanos, EventSink&) override {}
  void flush(EventSink&) override {}
  [[nodiscard]] Position oldest_open(uint16_t) const override { return {UINT64_MAX, UINT64_MAX}; }
  [[nodiscard]] uint64_t open_records(uint16_t) const override { return 0; }
  [[nodiscard]] uint64_t key_of(const RawItem&) const override { return 0; }

 private:
  std::string_view hex(std::string_view bytes) { return write_hex(bytes, event_.arena().allocate(2 * bytes.size())); }

  void fill_error(const RawItem& item, Nanos read_at) {
    event_.set_time(kTimestamp, read_at);
    event_.set_view(kEventKind, "pipeline_error");
    event_.set_view(kEventDataset, kDataset);
    event_.set_view(kEventModule, kModule);
    event_.set_view(kErrorType, "accounting_record");
    event_.set(kErrorMessage, what_is_wrong(item));
    event_.set_view(kActabeatRawHex, hex(item.bytes));
  }

  static std::string what_is_wrong(const RawItem& item) {
    std::string what = std::to_string(item.bytes.size()) +
                       " bytes that are no accounting record: torn, overwritten, or of a version not known";
    if (item.bytes.size() >= 2)
      what += " (byte 1 is " + std::to_string(static_cast<unsigned char>(item.bytes[1])) + ")";
    return what;
  }

  /// Where it was read, and the id that follows from it.
  void set_place(const RawItem& item) {
    event_.set(kActabeatOffset, static_cast<int64_t>(item.begin.offset));
    std::string_view file = kNoFile;
    if (item.origin != nullptr) {
      const Origin& origin = *item.origin;
      if (!origin.path.empty()) {
        event_.set_view(kLogFilePath, origin.path);
        event_.set_view(kAcctFileInode, decimal(origin.inode));
        event_.set_view(kAcctFileDevice, decimal(origin.device));
      }
      if (!origin.fingerprint.empty()) file = origin.fingerprint;
      if (origin.keep_original) event_.set_view(kEventOriginal, hex(item.bytes));
    }
    char digits[16];
    id_.assign(services_.host_id).append(":pacct:").append(file).append(":");
    id_.append(decimal(item.begin.offset))
        .append(":")
        .append(write_hex(XXH3_64bits(item.bytes.data(), item.bytes.size()), digits));
    event_.set(kEventId, std::string_view(id_));
  }

  std::string_view decimal(uint64_t value) {
    constexpr size_t kDigitsMax = 20;
    char* to = event_.arena().allocate(kDigitsMax);
    return {to, static_cast<size_t>(std::to_chars(to, to + kDigitsMax, value).ptr - to)};
  }

  const Services& services_;
  DecoderOptions options_;
  Event event_;
  std::string id_;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options) {
  return std::make_unique<AccountingDecoder>(services, options);
}

}  // namespace acta::accounting
