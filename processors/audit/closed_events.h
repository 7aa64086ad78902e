#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace acta::audit {

/// The latest closed events, with a hash of each of their first records: what tells late records and duplicates. A
/// ring; events are numbered from 0 in the order in which they were closed.
class ClosedEvents {
  // Numbers go round in a ring, whose size is a power of two.
  template <class Ring>
  static auto& at(Ring& ring, uint64_t number) {
    return ring[number & (ring.size() - 1)];
  }

 public:
  static constexpr uint64_t kNone = UINT64_MAX;
  static constexpr size_t kRecordsMax = 64;  ///< remembered of one event; WideRecords has those beyond

  /// Remembers at most `events_max` events and eight times as many records.
  explicit ClosedEvents(size_t events_max)
      : events_max_(events_max),
        events_(std::bit_ceil(events_max)),
        records_(std::bit_ceil(events_max * kRecordsPerEvent)) {}

  /// Adds an event; `previous` is the number of the event of the same key closed before it, or kNone. Calls
  /// `forgotten(key, number)` for each event that has to make room. Returns its number; kNone when nothing is
  /// remembered at all.
  template <class Forgotten>
  uint64_t add(uint64_t key, uint64_t previous, std::span<const uint64_t> records, const Forgotten& forgotten) {
    if (events_max_ == 0) return kNone;
    const size_t records_max = events_max_ * kRecordsPerEvent;
    records = records.first(std::min({records.size(), records_max, kRecordsMax}));
    while (next_ - first_ >= events_max_ || records_next_ - records_first() + records.size() > records_max) {
      forgotten(at(events_, first_).key, first_);
      ++first_;
    }
    at(events_, next_) = {key, previous, records_next_, records.size()};
    for (const uint64_t record : records) at(records_, records_next_++) = record;
    return next_++;
  }

  /// The key that will be forgotten first; 0 when nothing is remembered.
  [[nodiscard]] uint64_t oldest() const { return first_ == next_ ? 0 : at(events_, first_).key; }

  /// Whether the event, or one of the same key before it, has the record among its first ones.
  [[nodiscard]] bool has(uint64_t number, uint64_t record) const {
    for (size_t i = 0; i < kChainMax && number != kNone && number >= first_; ++i) {
      const Closed& event = at(events_, number);
      for (uint64_t place = event.begin; place < event.begin + event.count; ++place) {
        if (at(records_, place) == record) return true;
      }
      number = event.previous;
    }
    return false;
  }

 private:
  static constexpr size_t kRecordsPerEvent = 8;  // on average
  static constexpr size_t kChainMax = 64;        // events of one key looked at

  struct Closed {
    uint64_t key = 0;
    uint64_t previous = kNone;
    uint64_t begin = 0;  // in records_, counted from the start
    uint64_t count = 0;
  };

  [[nodiscard]] uint64_t records_first() { return first_ == next_ ? records_next_ : at(events_, first_).begin; }

  size_t events_max_;
  std::vector<Closed> events_;
  std::vector<uint64_t> records_;
  uint64_t first_ = 0, next_ = 0;
  uint64_t records_next_ = 0;
};

}  // namespace acta::audit
