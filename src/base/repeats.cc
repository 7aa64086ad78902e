#include "base/repeats.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace acta {

bool Repeats::admit(uint8_t level, std::string_view component, std::string_view message, Nanos now) {
  const uint64_t hash = std::hash<std::string_view>{}(message)*31 + std::hash<std::string_view>{}(component) + level;
  for (Entry& entry : entries_) {
    const Counted& said = entry.counted;
    if (entry.hash != hash || said.level != level || said.component != component || said.message != message) continue;
    if (now - entry.since >= kWindow) break;
    ++entry.counted.count;
    return false;
  }
  const auto over = [&](Entry& entry) {
    if (now - entry.since < kWindow) return false;
    give_out(entry);
    return true;
  };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), over), entries_.end());
  if (entries_.size() == kRemembered) {
    give_out(entries_.front());
    entries_.erase(entries_.begin());
  }
  entries_.push_back({hash, now, {level, std::string(component), std::string(message), 0}});
  return true;
}

void Repeats::give_out(Entry& entry) {
  if (entry.counted.count > 0) due_.push_back(std::move(entry.counted));
}

std::vector<Repeats::Counted> Repeats::due(Nanos now) {
  for (Entry& entry : entries_) {
    if (now - entry.since < kWindow || entry.counted.count == 0) continue;
    due_.push_back(entry.counted);
    entry.counted.count = 0;
  }
  return std::exchange(due_, {});
}

std::vector<Repeats::Counted> Repeats::all() {
  for (Entry& entry : entries_) give_out(entry);
  entries_.clear();
  return std::exchange(due_, {});
}

}  // namespace acta
