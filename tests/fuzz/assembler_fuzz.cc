// Any sequence of records, calls of idle and flush, under small limits: every record comes out once, in an event of its
// key, or is refused for a reason; nothing stays behind.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/check.h"
#include "processors/audit/assembler.h"
#include "processors/audit/completeness.h"

namespace {

using acta::Nanos;
using acta::Position;
namespace audit = acta::audit;

constexpr std::array<std::string_view, 10> kTypes{"SYSCALL", "PATH", "PROCTITLE", "EOE",           "AVC",
                                                  "LOGIN",   "CWD",  "USER_CMD",  "UNKNOWN[1423]", "EXECVE"};

// A line that a step can give, with what it says. The same for the whole life of the process: to make and to read it
// is what record_fuzz tries, and takes longer than all that is tried here.
struct Line {
  std::string text{};
  audit::Record record{};
  uint64_t run = 0;    // the run that `taken` is of
  uint32_t taken = 0;  // how often the assembler took it
};

// Finds lines by what they are made of, and by their text.
class Lines {
 public:
  Line& make(uint8_t what, uint8_t when, uint8_t body) {
    const uint32_t type = what % kTypes.size();
    const bool is_long = body >= 250;
    Line& line = by_parts_[type << 16 | static_cast<uint32_t>(when) << 8 | (is_long ? 8u : 0u) | (body & 7u)];
    if (!line.text.empty()) return line;
    const uint64_t second = 1000 + (when & 0x0f) * ((when & 0x10) != 0 ? 1'000'000u : 1u);
    line.text = (when & 0x80) != 0 ? "node=n type=" : "type=";
    line.text.append(kTypes[type]).append(" msg=audit(").append(std::to_string(second));
    line.text.append(".00").append(std::to_string(when % 3));
    line.text.append(":").append(std::to_string(when >> 5 & 3)).append("): item=").append(std::to_string(body & 7));
    if (is_long) line.text.append(5000, 'x');
    const auto parsed = audit::parse_record(line.text);
    CHECK(parsed.has_value());
    line.record = *parsed;
    by_text_.emplace(line.text, &line);
    return line;
  }
  [[nodiscard]] const Line* find(std::string_view text) const {
    const auto found = by_text_.find(text);
    return found == by_text_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<uint32_t, Line> by_parts_;  // its elements stay where they are
  std::unordered_map<std::string_view, Line*> by_text_;
};

class Run {
 public:
  Run(Lines& lines, uint64_t number, const audit::AssemblerLimits& limits)
      : lines_(lines), number_(number), limits_(limits), assembler_(limits) {}

  void record(uint8_t what, uint8_t when, uint8_t body) {
    const uint16_t source = what >= 200 ? 1 : 0;
    Line& line = lines_.make(what, when, body);
    if (line.run != number_) line.taken = 0;
    line.run = number_;
    acta::RawItem item;
    item.source = source;
    item.begin = {1, offset_};
    item.end = {1, offset_ += line.text.size() + 1};
    const uint16_t type = line.record.type;
    const bool eoe = type == 1320;
    const uint64_t open_before = assembler_.open_records(source);
    const uint64_t out_before = out_[source];
    adding_ = &line;
    const bool took = assembler_.add(line.record, item, 1, emit_);
    adding_ = nullptr;
    if (took && !eoe) ++in_[source];
    if (!took) CHECK(out_[source] + assembler_.open_records(source) == out_before + open_before);
    if (!took && !eoe) CHECK(line.taken > 0 && (type < 1400 || type >= 1600));
    if (took) ++line.taken;
    check();
  }
  void idle() { assembler_.idle(now_ += acta::kSecond, emit_); }
  void flush() {
    assembler_.flush(emit_);
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
  void take(const audit::AssembledEvent& event) {
    CHECK(!event.records.empty() && event.records.size() <= limits_.records_max);
    out_[event.provenance.source] += event.records.size();
    CHECK(event.provenance.records >= event.records.size() && event.provenance.records <= event.records.size() + 1);
    CHECK(event.provenance.begin < event.provenance.end && event.provenance.key == audit::hash(event.key));
    for (const audit::Record& record : event.records) {
      CHECK(record.key == event.key && record.type != 1320);
      const Line* line = lines_.find(record.line);
      CHECK(line != nullptr && line->run == number_);
      // The last may be the one being added.
      CHECK(line->taken > 0 || (line == adding_ && &record == &event.records.back()));
      CHECK(line->record.body == record.body && line->record.type_name == record.type_name);
    }
    audit::missing_records(event);
  }

  Lines& lines_;
  uint64_t number_;
  audit::AssemblerLimits limits_;
  audit::Assembler assembler_;
  audit::Assembler::Emit emit_ = [this](const audit::AssembledEvent& event) { take(event); };
  const Line* adding_ = nullptr;
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
  static Lines lines;
  static uint64_t runs = 0;
  Run run(lines, ++runs, limits);
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
