#include "pipeline/tracker.h"

#include <algorithm>

namespace acta {

void Tracker::add(uint16_t source, const Entry& entry) {
  if (sources_.size() <= source) sources_.resize(size_t{source} + 1);
  sources_[source].entries.push_back(entry);
}

void Tracker::resume(uint16_t source, const Cursor& cursor) {
  for (const SkipRange& range : cursor.skip) {
    add(source, {.begin = range.begin, .end = range.end, .key = range.key, .offset = kAlwaysSafe});
  }
}

void Tracker::track(const Provenance& provenance, Offset offset) {
  add(provenance.source, {.begin = provenance.begin, .end = provenance.end, .key = provenance.key, .offset = offset});
}

void Tracker::dropped(const Provenance& provenance) {
  track(provenance, kAlwaysSafe);
}

size_t Tracker::size(uint16_t source) const {
  return source < sources_.size() ? sources_[source].entries.size() : 0;
}

Cursor Tracker::cursor(uint16_t source, Position read_to, Position oldest_open, Offset safe) {
  Cursor cursor;
  cursor.read_to = read_to;
  cursor.at = std::min(read_to, oldest_open);
  if (source >= sources_.size()) return cursor;
  Source& tracked = sources_[source];
  for (const Entry& entry : tracked.entries) {
    if (!entry.is_safe(safe)) cursor.at = std::min(cursor.at, entry.begin);
  }
  forget(tracked, cursor.at, safe);

  size_t whole = 0;  // events that lie wholly after the cursor
  for (const Entry& entry : tracked.entries) {
    if (!entry.is_safe(safe)) continue;
    const bool cut = entry.begin < cursor.at;
    if (!cut && ++whole > kSkipMax) continue;
    cursor.skip.push_back({.key = entry.key, .begin = entry.begin, .end = entry.end});
  }
  std::sort(cursor.skip.begin(), cursor.skip.end(), [](const SkipRange& a, const SkipRange& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.key < b.key;
  });
  return cursor;
}

void Tracker::forget(Source& source, Position at, Offset safe) {
  auto& entries = source.entries;
  size_t safe_after = 0;
  std::erase_if(entries, [&](const Entry& entry) {
    const bool is_safe = entry.is_safe(safe);
    const bool passed = is_safe && entry.end <= at;
    safe_after += is_safe && !passed ? 1 : 0;
    return passed;
  });
  if (safe_after <= kSafeMax) return;
  size_t surplus = safe_after - kSafeMax;
  forgotten_ += surplus;
  std::erase_if(entries, [&](const Entry& entry) {
    if (surplus == 0 || !entry.is_safe(safe)) return false;
    --surplus;
    return true;
  });
}

}  // namespace acta
