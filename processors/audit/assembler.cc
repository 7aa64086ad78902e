#include "processors/audit/assembler.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "processors/audit/closed_events.h"
#include "processors/audit/key_table.h"
#include "processors/audit/log_clock.h"
#include "processors/audit/record_store.h"
#include "processors/audit/record_types.h"
#include "processors/audit/wide_records.h"

namespace acta::audit {
namespace {

constexpr size_t kRecordsKept = 64;  // room for records that a slot keeps when its event is gone
constexpr Nanos kNever = -1;
constexpr Position kNowhere{UINT64_MAX, UINT64_MAX};

// An identical record of these means that something happened twice: access vector decisions of SELinux, AppArmor and
// others carry no number of their own.
bool may_repeat(uint16_t type) {
  return type >= 1400 && type < 1600;
}

// A neighbour in a list of open events.
struct Link {
  struct OpenEvent* next = nullptr;
  struct OpenEvent* prev = nullptr;
};

struct OpenEvent {
  AssembledEvent event;
  std::vector<uint64_t> hashes;  // of the first records, ClosedEvents::kRecordsMax at most
  RecordStore::Chain bytes;
  uint64_t hash = 0;                        // of key and source
  uint32_t slot = 0;                        // its own
  uint64_t previous = ClosedEvents::kNone;  // the closed event of the same key, when this one is late
  Nanos arrived = 0;                        // log time elapsed when it began
  Nanos idle_since = kNever;                // when idle() first saw it
  Link all, of_source;
};

// Open events in the order in which they began.
template <Link OpenEvent::*kLink>
struct EventList {
  OpenEvent* first = nullptr;
  OpenEvent* last = nullptr;

  void add(OpenEvent* event) {
    (event->*kLink) = {nullptr, last};
    (last != nullptr ? (last->*kLink).next : first) = event;
    last = event;
  }
  void remove(OpenEvent* event) {
    const Link& link = event->*kLink;
    (link.prev != nullptr ? (link.prev->*kLink).next : first) = link.next;
    (link.next != nullptr ? (link.next->*kLink).prev : last) = link.prev;
  }
};

struct OpenOfSource {
  EventList<&OpenEvent::of_source> events;
  uint64_t records = 0;
};

// Values of the table: a slot of an open event, or a number of a closed one.
constexpr uint64_t kClosedBit = uint64_t{1} << 63;

// Where the newest record of the event lies. Before Provenance::end moves behind it.
void note_place(AssembledEvent& event, const RawItem& item) {
  const Provenance& before = event.provenance;
  event.offsets.push_back(item.begin.offset);
  if (event.offsets.size() == 1) return;
  const bool one_file = item.origin == before.origin && item.begin.file == before.begin.file;
  event.scattered = one_file && (event.scattered || item.begin.offset != before.end.offset);
}

// The record is now in another place.
void move(Record& record, std::string_view line) {
  for (std::string_view* part : {&record.key.node, &record.type_name, &record.body, &record.enriched}) {
    if (part->empty()) continue;
    const auto at = static_cast<size_t>(part->data() - record.line.data());
    CHECK(at < line.size() && part->size() <= line.size() - at);
    *part = {line.data() + at, part->size()};
  }
  record.line = line;
}

}  // namespace

bool ends_event(uint16_t number) {
  constexpr uint16_t kKernel = 2000;
  return number == type::kProctitle || number == type::kEoe || number == type::kUser ||
         (number >= 1100 && number < 1300) || number == kKernel || (number >= 2100 && number < 3000);
}

struct Assembler::State {
  explicit State(const AssemblerLimits& given)
      : limits(given), clock(given.age), table(given.events_max + given.closed_kept), closed(given.closed_kept) {}

  AssemblerLimits limits;
  LogClock clock;
  KeyTable table;
  ClosedEvents closed;
  WideRecords wide;
  RecordStore store;
  std::vector<std::unique_ptr<OpenEvent>> slots;
  std::vector<uint32_t> free_slots;
  std::vector<OpenOfSource> sources;
  EventList<&OpenEvent::all> open;
  size_t open_events = 0;
  size_t open_records = 0;

  bool calls_have_proctitle =
      false;  // the system call closed last had its PROCTITLE: this kernel writes them, and no rule excludes them

  void note_proctitle(const std::vector<Record>& records) {
    const auto has = [&](uint16_t type) {
      return std::any_of(records.begin(), records.end(), [type](const Record& r) { return r.type == type; });
    };
    if (records.back().type == type::kProctitle) {
      calls_have_proctitle = true;
    } else if (has(type::kSyscall)) {
      calls_have_proctitle = has(type::kProctitle);
    }
  }
  [[nodiscard]] size_t bytes() const { return store.bytes() + open_records * (sizeof(Record) + sizeof(uint64_t)); }

  OpenEvent* begin(uint64_t hash, uint64_t previous, const Record& record, const RawItem& item, Nanos read_at);
  void append(OpenEvent& event, const Record& record, uint64_t record_hash, const RawItem& item);
  void close(OpenEvent* event, Closed why, const Emit& emit);
  void close_aged(const Emit& emit);
  OpenEvent* find_open(uint64_t hash, const EventKey& key, const Emit& emit);
  // The latest closed event of the hash.
  [[nodiscard]] uint64_t find_closed(uint64_t hash) const {
    const uint64_t value = table.find(hash);
    return value != KeyTable::kNone && (value & kClosedBit) != 0 ? value & ~kClosedBit : ClosedEvents::kNone;
  }
  OpenEvent* place_for(OpenEvent* event, uint64_t hash, const Record& record, const RawItem& item, Nanos read_at,
                       const Emit& emit);
  OpenOfSource& of(uint16_t source) {
    if (sources.size() <= source) sources.resize(size_t{source} + 1);
    return sources[source];
  }
};

OpenEvent* Assembler::State::begin(uint64_t hash, uint64_t previous, const Record& record, const RawItem& item,
                                   Nanos read_at) {
  if (free_slots.empty()) {
    free_slots.push_back(static_cast<uint32_t>(slots.size()));
    slots.push_back(std::make_unique<OpenEvent>());
    slots.back()->slot = free_slots.back();
  }
  const uint32_t slot = free_slots.back();
  free_slots.pop_back();
  OpenEvent* event = slots[slot].get();
  event->hash = hash;
  event->previous = previous;
  event->arrived = clock.elapsed();
  event->idle_since = kNever;
  event->event.read_at = read_at;
  event->event.scattered = false;
  event->event.provenance = {item.source, item.begin, item.end, audit::hash(record.key), 0, item.origin};
  table.put(hash, slot);
  open.add(event);
  of(item.source).events.add(event);
  ++open_events;
  return event;
}

void Assembler::State::append(OpenEvent& event, const Record& record, uint64_t record_hash, const RawItem& item) {
  move(event.event.records.emplace_back(record), store.copy(event.bytes, record.line));
  if (event.hashes.size() < ClosedEvents::kRecordsMax) {
    event.hashes.push_back(record_hash);
  } else {
    wide.add(record_hash);
  }
  if (event.event.records.size() == 1) event.event.key = event.event.records.front().key;
  note_place(event.event, item);
  event.event.provenance.end = item.end;
  ++event.event.provenance.records;
  ++of(item.source).records;
  ++open_records;
}

void Assembler::State::close(OpenEvent* event, Closed why, const Emit& emit) {
  AssembledEvent& done = event->event;
  const bool late = event->previous != ClosedEvents::kNone;
  done.closed = late ? Closed::late : why;
  done.proctitle_expected = calls_have_proctitle;
  note_proctitle(done.records);
  open.remove(event);
  OpenOfSource& source = of(done.provenance.source);
  source.events.remove(event);
  source.records -= done.records.size();
  open_records -= done.records.size();
  --open_events;
  const auto forget = [this](uint64_t key, uint64_t number) {
    if (table.find(key) == (number | kClosedBit)) table.erase(key);
  };
  const uint64_t number = closed.add(event->hash, event->previous, event->hashes, forget);
  if (number != ClosedEvents::kNone) {
    table.put(event->hash, number | kClosedBit);  // in the place of the open one
    table.expect(closed.oldest());
  } else {
    table.erase(event->hash);
  }
  emit(done);
  store.release(event->bytes);
  done.key = {};
  done.records.clear();
  done.offsets.clear();
  event->hashes.clear();
  if (done.records.capacity() > kRecordsKept) done.records.shrink_to_fit();
  free_slots.push_back(event->slot);
}

void Assembler::State::close_aged(const Emit& emit) {
  while (open.first != nullptr && clock.elapsed() - open.first->arrived > limits.age) {
    if (clock.near(open.first->event.key.time())) return;  // the clock leapt to where this event already was
    close(open.first, Closed::age, emit);
  }
}

OpenEvent* Assembler::State::find_open(uint64_t hash, const EventKey& key, const Emit& emit) {
  const uint64_t value = table.find(hash);
  if (value == KeyTable::kNone || (value & kClosedBit) != 0) return nullptr;
  OpenEvent* event = slots[value].get();
  if (event->event.key == key) return event;
  close(event, Closed::full, emit);  // two keys of one hash: nature does not make them, a forger can
  return nullptr;
}

// Where the record goes: its open event, or a new one. Closes what is beyond the limits first, which may be that very
// event.
OpenEvent* Assembler::State::place_for(OpenEvent* event, uint64_t hash, const Record& record, const RawItem& item,
                                       Nanos read_at, const Emit& emit) {
  const auto close_full = [&](OpenEvent* victim) {
    if (victim == event) event = nullptr;
    close(victim, Closed::full, emit);
  };
  if (event != nullptr && event->event.records.size() >= limits.records_max) close_full(event);
  while (open.first != nullptr && bytes() + record.line.size() > limits.bytes_max) close_full(open.first);
  if (event != nullptr) return event;
  while (open.first != nullptr && open_events >= limits.events_max) close_full(open.first);
  return begin(hash, find_closed(hash), record, item, read_at);
}

Assembler::Assembler(const AssemblerLimits& limits) : state_(std::make_unique<State>(limits)) {}
Assembler::~Assembler() = default;

bool Assembler::add(const Record& record, const RawItem& item, Nanos read_at, const Emit& emit) {
  State& state = *state_;
  // Events are kept apart by source: each source has a cursor of its own. (0 for source 0: the common case.)
  const uint64_t hash = audit::hash(record.key) + item.source * uint64_t{0x9e3779b97f4a7c15};
  state.clock.see(record.key.time(), hash);
  OpenEvent* event = state.find_open(hash, record.key, emit);
  if (record.type == type::kEoe) {
    if (event == nullptr) return false;  // its event is closed already, or was never seen
    event->event.provenance.end = item.end;
    ++event->event.provenance.records;
    state.close(event, Closed::complete, emit);
    state.close_aged(emit);
    return true;
  }
  const uint64_t record_hash = XXH3_64bits(record.line.data(), record.line.size()) + item.source;
  if (!may_repeat(record.type)) {
    if (event != nullptr && std::ranges::find(event->hashes, record_hash) != event->hashes.end()) return false;
    if (state.closed.has(event != nullptr ? event->previous : state.find_closed(hash), record_hash)) return false;
    if (state.wide.has(record_hash)) return false;
  }
  event = state.place_for(event, hash, record, item, read_at, emit);
  state.append(*event, record, record_hash, item);
  if (ends_event(record.type)) state.close(event, Closed::complete, emit);
  state.close_aged(emit);
  return true;
}

void Assembler::idle(Nanos monotonic, const Emit& emit) {
  State& state = *state_;
  for (OpenEvent* event = state.open.last; event != nullptr && event->idle_since == kNever; event = event->all.prev) {
    event->idle_since = monotonic;
  }
  while (state.open.first != nullptr && monotonic - state.open.first->idle_since >= state.limits.age) {
    state.close(state.open.first, Closed::end, emit);
  }
}

void Assembler::flush(const Emit& emit) {
  while (state_->open.first != nullptr) state_->close(state_->open.first, Closed::end, emit);
}

void Assembler::flush(uint16_t source, const Emit& emit) {
  while (state_->of(source).events.first != nullptr) state_->close(state_->of(source).events.first, Closed::end, emit);
}

Position Assembler::oldest_open(uint16_t source) const {
  if (source >= state_->sources.size()) return kNowhere;
  const OpenEvent* first = state_->sources[source].events.first;
  return first != nullptr ? first->event.provenance.begin : kNowhere;
}

uint64_t Assembler::open_records(uint16_t source) const {
  return source < state_->sources.size() ? state_->sources[source].records : 0;
}

}  // namespace acta::audit
