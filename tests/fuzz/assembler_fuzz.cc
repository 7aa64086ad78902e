// Any sequence of records, calls of idle and flush, under small limits: every record comes out once, in an event of its
// key, or is refused for a reason; nothing stays behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "processors/audit/assembler.h"
#include "processors/audit/completeness.h"

namespace {

using acta::Nanos;
using acta::Position;
namespace audit = acta::audit;

constexpr std::array<std::string_view, 10> kTypes{"SYSCALL", "PATH", "PROCTITLE", "EOE",           "AVC",
                                                  "LOGIN",   "CWD",  "USER_CMD",  "UNKNOWN[1423]", "EXECVE"};

class Run {
 public:
  explicit Run(const audit::AssemblerLimits& limits) : limits_(limits), assembler_(limits) {}

  void record(uint8_t what, uint8_t when, uint8_t body) {
    const std::string_view type = kTypes[what % kTypes.size()];
    const uint16_t source = what >= 200 ? 1 : 0;
    const uint64_t second = 1000 + (when & 0x0f) * ((when & 0x10) != 0 ? 1'000'000u : 1u);
    std::string line = (when & 0x80) != 0 ? "node=n type=" : "type=";
    line.append(type)
        .append(" msg=audit(")
        .append(std::to_string(second))
        .append(".00")
        .append(std::to_string(when % 3));
    line.append(":").append(std::to_string(when >> 5 & 3)).append("): item=").append(std::to_string(body & 7));
    if (body >= 250) line.append(5000, 'x');
    const auto parsed = audit::parse_record(line);
    CHECK(parsed.has_value());
    acta::RawItem item;
    item.source = source;
    item.begin = {1, offset_};
    item.end = {1, offset_ += line.size() + 1};
    const bool eoe = parsed->type == 1320;
    const uint64_t open_before = assembler_.open_records(source);
    const uint64_t out_before = out_[source];
    const bool took = assembler_.add(*parsed, item, 1, emit());
    if (took && !eoe) ++in_[source];
    if (!took) CHECK(out_[source] + assembler_.open_records(source) == out_before + open_before);
    if (!took && !eoe) CHECK(seen_[line] > 0 && (parsed->type < 1400 || parsed->type >= 1600));
    if (took) ++seen_[line];
    check();
  }
  void idle() { assembler_.idle(now_ += acta::kSecond, emit()); }
  void flush() {
    assembler_.flush(emit());
    for (uint16_t source = 0; source < 2; ++source) CHECK(assembler_.open_records(source) == 0);
    check();
  }

 private:
  void check() {
    for (uint16_t source = 0; source < 2; ++source) {
      const uint64_t open = assembler_.open_records(source);
      CHECK(in_[source] == out_[source] + open);
      CHECK((open == 0) == (assembler_.oldest_open(source) == Position{UINT64_MAX, UINT64_MAX}));
    }
  }
  audit::Assembler::Emit emit() {
    return [this](const audit::AssembledEvent& event) {
      CHECK(!event.records.empty() && event.records.size() <= limits_.records_max);
      out_[event.provenance.source] += event.records.size();
      CHECK(event.provenance.records >= event.records.size() && event.provenance.records <= event.records.size() + 1);
      CHECK(event.provenance.begin < event.provenance.end && event.provenance.key == audit::hash(event.key));
      for (const audit::Record& record : event.records) {
        CHECK(record.key == event.key && record.type != 1320);
        CHECK(seen_[std::string(record.line)] > 0 ||
              &record == &event.records.back());  // the last may be the one being added
        const auto again = audit::parse_record(record.line);
        CHECK(again && again->body == record.body && again->type_name == record.type_name);
      }
      audit::missing_records(event);
    };
  }

  audit::AssemblerLimits limits_;
  audit::Assembler assembler_;
  std::map<std::string, int> seen_;
  std::array<uint64_t, 2> in_{}, out_{};
  uint64_t offset_ = 0;
  Nanos now_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  audit::AssemblerLimits limits;
  limits.events_max = 1 + (data[0] & 7);
  limits.records_max = 1 + (data[0] >> 3 & 7);
  limits.bytes_max = (data[0] & 0x40) != 0 ? 6000 : 1u << 20;
  limits.closed_kept = data[1] & 15;
  Run run(limits);
  constexpr size_t kStepsMax = 64;
  for (size_t i = 2; i + 3 <= std::min(size, 2 + 3 * kStepsMax); i += 3) {
    if (data[i] == 254) {
      run.idle();
    } else if (data[i] == 255) {
      run.flush();
    } else {
      run.record(data[i], data[i + 1], data[i + 2]);
    }
  }
  run.flush();
  return 0;
}
