#include "sys/audit/serials.h"

namespace acta::kaudit {

void Serials::see(uint32_t serial, Nanos now) {
  if (!started_) {
    started_ = true;
    first_ = highest_ = serial;
    return;
  }
  const auto ahead = static_cast<int32_t>(serial - highest_);
  if (ahead == 0) return;
  if (ahead < 0) {
    if (!holes_.empty()) fill(serial);
    return;
  }
  if (ahead > 1 && ahead < kLeapMax) {
    holes_.push_back({highest_ + 1, serial - 1, now});
    if (holes_.size() > kHolesMax) {
      given_up_.push_back({holes_.front().first, holes_.front().last});
      holes_.pop_front();
    }
  }
  highest_ = serial;
}

// The newest holes first: what overtakes comes close.
void Serials::fill(uint32_t serial) {
  for (size_t i = holes_.size(); i-- > 0;) {
    Hole& hole = holes_[i];
    if (static_cast<int32_t>(serial - hole.last) > 0) return;  // came before
    if (static_cast<int32_t>(serial - hole.first) < 0) continue;
    const Hole rest{serial + 1, hole.last, hole.since};
    const bool has_head = serial != hole.first;
    const bool has_rest = serial != hole.last;
    if (has_head) {
      hole.last = serial - 1;
      if (has_rest) holes_.insert(holes_.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
    } else if (has_rest) {
      hole = rest;
    } else {
      holes_.erase(holes_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return;
  }
}

std::vector<SerialRange> Serials::missing(Nanos now) {
  std::vector<SerialRange> gone;
  gone.swap(given_up_);
  while (!holes_.empty() && now - holes_.front().since >= kPatience) {
    gone.push_back({holes_.front().first, holes_.front().last});
    holes_.pop_front();
  }
  return gone;
}

uint64_t count_of(const std::vector<SerialRange>& ranges) {
  uint64_t count = 0;
  for (const SerialRange& range : ranges) count += static_cast<uint32_t>(range.last - range.first) + uint64_t{1};
  return count;
}

}  // namespace acta::kaudit
