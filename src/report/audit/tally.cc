#include "report/audit/tally.h"

#include <algorithm>

namespace acta::report::audit {

void Tally::add(std::string_view text, uint64_t times, Place place) {
  if (const auto found = entries_.find(text); found != entries_.end()) {
    Entry& entry = found->second;
    entry.hits += times;
    entry.place = std::min(entry.place, place);
    return;
  }
  if (bytes_ > kBytesMax) {
    capped_ = true;
    return;
  }
  bytes_ += text.size() + kBytesEach;
  entries_.emplace(text, Entry{times, place, entries_.size()});
}

std::vector<Tally::Row> Tally::by_hits() const {
  using Item = std::pair<const std::string, Entry>;
  std::vector<const Item*> order;
  for (const Item& item : entries_) order.push_back(&item);
  std::ranges::sort(order, [](const Item* a, const Item* b) {
    if (a->second.hits != b->second.hits) return a->second.hits > b->second.hits;
    if (a->second.place != b->second.place) return a->second.place < b->second.place;
    return a->second.arrival < b->second.arrival;
  });
  std::vector<Row> rows;
  for (const Item* item : order) rows.push_back({item->first, item->second.hits});
  return rows;
}

void NumberTally::add(int64_t number, uint64_t times) {
  if (hits_.size() >= kNumbersMax && !hits_.contains(number)) {
    capped_ = true;
    return;
  }
  hits_[number] += times;
}

std::vector<NumberTally::Row> NumberTally::by_hits() const {
  std::vector<Row> rows;
  for (const auto& [number, hits] : hits_) rows.push_back({number, hits});
  std::ranges::sort(
      rows, [](const Row& a, const Row& b) { return a.hits != b.hits ? a.hits > b.hits : a.number < b.number; });
  return rows;
}

}  // namespace acta::report::audit
