#include "inputs/kafka/offset_book.h"

#include <algorithm>

namespace acta {

uint64_t OffsetBook::add(Tenure tenure, int64_t offset) {
  Run* last = runs_.empty() ? nullptr : &runs_.back();
  if (last != nullptr && last->tenure == tenure && last->offset + static_cast<int64_t>(last->count) == offset) {
    ++last->count;
  } else {
    runs_.push_back({.tenure = tenure, .offset = offset, .first = end_, .count = 1});
  }
  return end_++;
}

std::vector<OffsetBook::Done> OffsetBook::safe(uint64_t number) {
  std::vector<Done> done;
  while (!runs_.empty() && runs_.front().first < number) {
    Run& run = runs_.front();
    const uint64_t count = std::min(run.count, number - run.first);
    const int64_t next = run.offset + static_cast<int64_t>(count);
    const auto same = std::find_if(done.begin(), done.end(), [&](const Done& d) { return d.tenure == run.tenure; });
    if (same == done.end()) {
      done.push_back({run.tenure, next});
    } else {
      same->next = next;
    }
    if (count == run.count) {
      runs_.pop_front();
      continue;
    }
    run = {.tenure = run.tenure, .offset = next, .first = run.first + count, .count = run.count - count};
    break;
  }
  return done;
}

bool OffsetBook::holds(Tenure tenure) const {
  return std::any_of(runs_.begin(), runs_.end(), [tenure](const Run& run) { return run.tenure == tenure; });
}

}  // namespace acta
