// Laws of the assembler: whatever the order in which records of several events come, the same events come out;
// end-of-event records and duplicates change nothing.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/audit_lines.h"

namespace acta::audit {
namespace {

using test::Assembling;
using test::audit_line;

using Lines = std::vector<std::string>;

constexpr uint64_t kStart = 1'700'000'000'000;

// The records of one event, in the order of the kernel; the last one closes it.
Lines make_event(uint64_t serial, const std::string& node) {
  const uint64_t millis = kStart + *rc::gen::inRange<uint64_t>(0, 500) * 4;
  const auto paths = *rc::gen::inRange(0, 5);
  Lines lines;
  if (*rc::gen::arbitrary<bool>()) lines.push_back(audit_line("CONFIG_CHANGE", millis, serial, "op=add_rule", node));
  lines.push_back(audit_line("SYSCALL", millis, serial, "items=" + std::to_string(paths), node));
  for (int i = 0; i < paths; ++i)
    lines.push_back(audit_line("PATH", millis, serial, "item=" + std::to_string(i), node));
  lines.push_back(audit_line("PROCTITLE", millis, serial, "proctitle=\"x\"", node));
  return lines;
}

std::vector<Lines> make_events() {
  std::vector<Lines> events;
  const auto count = *rc::gen::inRange<uint64_t>(1, 30);
  for (uint64_t serial = 1; serial <= count; ++serial)
    events.push_back(make_event(serial, *rc::gen::arbitrary<bool>() ? "n1" : ""));
  return events;
}

// The records of all events in one stream; those of one event stay in order.
Lines interleaved(const std::vector<Lines>& events) {
  std::vector<size_t> next(events.size(), 0);
  std::vector<size_t> left;
  for (size_t i = 0; i < events.size(); ++i) left.push_back(i);
  Lines stream;
  while (!left.empty()) {
    const auto pick = *rc::gen::inRange<size_t>(0, left.size());
    const size_t event = left[pick];
    stream.push_back(events[event][next[event]++]);
    if (next[event] == events[event].size()) left.erase(left.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  return stream;
}

std::vector<Lines> events_of(const Assembling& a) {
  std::vector<Lines> out;
  for (const auto& event : a.events) out.push_back(event.lines);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<Lines> sorted(std::vector<Lines> events) {
  std::sort(events.begin(), events.end());
  return events;
}

RC_GTEST_PROP(AssemblerProperty, AnyInterleavingGivesTheSameEvents, ()) {
  const auto events = make_events();
  Assembling a;
  for (const std::string& line : interleaved(events)) RC_ASSERT(a.line(line));
  RC_ASSERT(a.assembler.open_records(0) == 0u);
  RC_ASSERT(events_of(a) == sorted(events));
  for (const auto& event : a.events) RC_ASSERT(event.closed == Closed::complete);
}

RC_GTEST_PROP(AssemblerProperty, WithoutClosingRecordsAnyOrderGivesTheSameSets, ()) {
  auto events = make_events();
  Lines stream;
  for (Lines& event : events) {
    event.pop_back();
    stream.insert(stream.end(), event.begin(), event.end());
  }
  for (size_t i = stream.size(); i > 1; --i) std::swap(stream[i - 1], stream[*rc::gen::inRange<size_t>(0, i)]);
  Assembling a;
  for (const std::string& line : stream) a.line(line);
  a.flush();
  for (auto& event : a.events) std::sort(event.lines.begin(), event.lines.end());
  for (Lines& event : events) std::sort(event.begin(), event.end());
  RC_ASSERT(events_of(a) == sorted(events));
}

RC_GTEST_PROP(AssemblerProperty, EndOfEventRecordsAndDuplicatesChangeNothing, ()) {
  const auto events = make_events();
  const Lines stream = interleaved(events);
  Assembling a;
  Assembling b;
  size_t extra = 0;
  for (const std::string& line : stream) {
    a.line(line);
    b.line(line);
    if (line.find("type=PROCTITLE") != std::string::npos && *rc::gen::arbitrary<bool>()) {
      const auto key = parse_record(line)->key;
      RC_ASSERT(!b.line(
          audit_line("EOE", static_cast<uint64_t>(key.second) * 1000 + key.millisecond, key.serial, "", key.node)));
      ++extra;
    }
    if (*rc::gen::inRange(0, 4) == 0) {
      const auto again = *rc::gen::inRange<size_t>(0, b.taken);
      RC_ASSERT(!b.line(stream[again]));
      ++extra;
    }
  }
  RC_ASSERT(b.refused == extra);
  RC_ASSERT(events_of(a) == events_of(b));
}

RC_GTEST_PROP(AssemblerProperty, UnderAnyLimitsEveryRecordComesOutOnce, ()) {
  const auto events = make_events();
  AssemblerLimits limits;
  limits.events_max = *rc::gen::inRange<size_t>(1, 6);
  limits.records_max = *rc::gen::inRange<size_t>(1, 4);
  limits.bytes_max = *rc::gen::inRange<size_t>(1, 20'000);
  Lines in = interleaved(events);
  limits.closed_kept = in.size();  // none is forgotten, though each record be closed alone
  Assembling a(limits);
  for (const std::string& line : in) RC_ASSERT(a.line(line));
  a.flush();
  Lines out;
  for (const auto& event : a.events) {
    out.insert(out.end(), event.lines.begin(), event.lines.end());
    RC_ASSERT(event.lines.size() <= limits.records_max);
  }
  std::sort(in.begin(), in.end());
  std::sort(out.begin(), out.end());
  RC_ASSERT(in == out);
  // Of each key one event is the first, all others are late.
  for (const Lines& event : events) {
    const std::string key = test::key_text(parse_record(event[0])->key);
    size_t first = 0;
    for (const auto& one : a.events) first += one.key == key && one.closed != Closed::late ? 1 : 0;
    RC_ASSERT(first == 1u);
  }
}

}  // namespace
}  // namespace acta::audit
