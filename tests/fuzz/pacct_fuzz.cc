// Any bytes as an accounting file: cut the same way whatever is there at once, no byte lost, and a document for each
// record and piece.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "event/encoder.h"
#include "processors/accounting/decoder.h"
#include "sys/acct_file.h"

namespace {

using acta::accounting::Cut;

void require(bool condition) {
  if (!condition) std::abort();
}

class Sink final : public acta::EventSink {
 public:
  void emit(acta::Event& event, const acta::Provenance&) override {
    json_.clear();
    acta::Encoder::encode(event, json_);
    require(acta::is_utf8(json_) && json_.front() == '{' && json_.back() == '}' &&
            json_.find('\n') == std::string::npos);
    require(event.has(acta::FieldId::kTimestamp) && event.has(acta::FieldId::kEventId));
    ++documents;
  }
  void duplicates(uint16_t, uint64_t) override {}
  size_t documents = 0;

 private:
  std::string json_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  static const auto users = acta::UserDb::empty();
  acta::Services services;
  services.users = users.get();
  services.host_id = "fuzz";
  const auto decoder = acta::accounting::make_decoder(services, {.ahz = 100});
  Sink sink;
  size_t cuts = 0;
  for (size_t at = 0; at < size; ++cuts) {
    const std::string_view rest = file.substr(at);
    const Cut next = acta::accounting::cut(rest, true);
    require(next.what != Cut::What::more && next.size > 0 && next.size <= rest.size());
    const Cut early = acta::accounting::cut(rest, false);
    require(early.what == Cut::What::more || (early.what == next.what && early.size == next.size));
    const acta::RawItem item{.kind = acta::RawKind::accounting_record,
                             .piece = next.what == Cut::What::piece,
                             .begin = {1, at},
                             .end = {1, at + next.size},
                             .bytes = rest.substr(0, next.size)};
    decoder->feed(item, 0, sink);
    at += next.size;
  }
  require(sink.documents == cuts);
  return 0;
}
