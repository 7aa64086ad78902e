// The tracker, the skip filter and a small decoder against a model: whatever the interleaving, the progress of the
// queue and the moments of saving and crashing, every event is delivered whole at least once, and never torn.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "pipeline/skip_filter.h"
#include "pipeline/tracker.h"

namespace acta {
namespace {

constexpr Position kNone{UINT64_MAX, UINT64_MAX};

/// A log: to which event each record belongs. The last record of an event closes it.
struct Log {
  std::vector<uint64_t> records;
  std::map<uint64_t, size_t> sizes;

  [[nodiscard]] static Position place(size_t i) { return {1 + i / 7, i % 7}; }  // files of seven records
  [[nodiscard]] static Position after(size_t i) { return {1 + i / 7, i % 7 + 1}; }
  [[nodiscard]] bool closes(size_t i) const {
    return std::find(records.begin() + static_cast<std::ptrdiff_t>(i) + 1, records.end(), records[i]) == records.end();
  }
};

Log random_log() {
  Log log;
  const auto count = *rc::gen::inRange<uint64_t>(1, 40);
  for (uint64_t event = 1; event <= count; ++event) {
    const auto size = *rc::gen::inRange<size_t>(1, 5);
    size_t at = log.records.size();
    for (size_t i = 0; i < size; ++i) {  // each record up to eight places before the end: events interleave
      at = log.records.size() - std::min<size_t>(*rc::gen::inRange<size_t>(0, 8), log.records.size());
      log.records.insert(log.records.begin() + static_cast<std::ptrdiff_t>(at), event);
    }
    log.sizes[event] = size;
  }
  return log;
}

/// One life of the agent, from a cursor to a crash or the end.
class Life {
 public:
  Life(const Log& log, const Cursor& resume, std::map<uint64_t, int>& whole, int& torn)
      : log_(log), filter_(resume), saved_(resume), read_to_(resume.at), whole_(whole), torn_(torn) {
    tracker_.resume(0, resume);
    while (next_ < log.records.size() && Log::place(next_) < resume.at) ++next_;
  }

  bool read_one() {
    if (next_ == log_.records.size()) return false;
    const size_t i = next_++;
    read_to_ = Log::after(i);
    const RawItem item{.begin = Log::place(i), .end = Log::after(i)};
    KeyOfPlace decoder(log_.records[i]);
    if (filter_.skip(item, decoder)) return true;
    auto [open, fresh] = open_.try_emplace(log_.records[i], Open{item.begin, 0});
    ++open->second.records;
    if (!log_.closes(i)) return true;
    const Provenance provenance{.begin = open->second.begin, .end = item.end, .key = log_.records[i]};
    if (dropped(log_.records[i])) {
      tracker_.dropped(provenance);
      if (open->second.records != log_.sizes.at(log_.records[i])) ++torn_;
    } else {
      queue_.push_back({log_.records[i], open->second.records});
      tracker_.track(provenance, queue_.size() - 1);
    }
    open_.erase(open);
    return true;
  }

  void make_safe(size_t more) {
    for (; more > 0 && safe_ < queue_.size(); --more, ++safe_) deliver(queue_[safe_]);
  }
  void save() {
    Position oldest = kNone;
    for (const auto& [key, open] : open_) oldest = std::min(oldest, open.begin);
    saved_ = tracker_.cursor(0, read_to_, oldest, safe_);
    RC_ASSERT(saved_.at <= read_to_);
  }
  [[nodiscard]] const Cursor& saved() const { return saved_; }
  [[nodiscard]] size_t tracked() const { return tracker_.size(0); }
  static bool dropped(uint64_t event) { return event % 5 == 0; }

 private:
  struct Open {
    Position begin;
    size_t records;
  };
  struct Document {
    uint64_t event;
    size_t records;
  };
  class KeyOfPlace final : public Decoder {
   public:
    explicit KeyOfPlace(uint64_t key) : key_(key) {}
    [[nodiscard]] RawKind kind() const override { return RawKind::audit_record; }
    void feed(const RawItem&, Nanos, EventSink&) override {}
    void idle(Nanos, EventSink&) override {}
    void flush(EventSink&) override {}
    [[nodiscard]] Position oldest_open(uint16_t) const override { return kNone; }
    [[nodiscard]] uint64_t open_records(uint16_t) const override { return 0; }
    [[nodiscard]] uint64_t key_of(const RawItem&) const override { return key_; }

   private:
    uint64_t key_;
  };

  void deliver(const Document& document) {
    if (document.records == log_.sizes.at(document.event)) {
      ++whole_[document.event];
    } else {
      ++torn_;
    }
  }

  const Log& log_;
  SkipFilter filter_;
  Cursor saved_;
  Position read_to_;
  std::map<uint64_t, int>& whole_;
  int& torn_;
  Tracker tracker_;
  size_t next_ = 0;
  std::map<uint64_t, Open> open_;
  std::vector<Document> queue_;
  size_t safe_ = 0;
};

RC_GTEST_PROP(TrackerProperty, EveryEventComesWholeWhateverTheCrashes, ()) {
  const Log log = random_log();
  std::map<uint64_t, int> whole;
  int torn = 0;
  Cursor cursor;
  const auto crashes = *rc::gen::inRange(0, 6);
  for (int life = 0; life <= crashes; ++life) {
    Life agent(log, cursor, whole, torn);
    const bool last = life == crashes;
    const auto steps = last ? size_t{0} : *rc::gen::inRange<size_t>(0, 120);
    for (size_t step = 0; step < steps; ++step) {
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          agent.make_safe(*rc::gen::inRange<size_t>(1, 4));
          break;
        case 1:
          agent.save();
          break;
        default:
          agent.read_one();
          break;
      }
    }
    while (last && agent.read_one()) {
    }
    if (last) {
      agent.make_safe(SIZE_MAX);
      agent.save();
      RC_ASSERT(agent.tracked() == 0u);
      RC_ASSERT(agent.saved().skip.empty());
    }
    cursor = agent.saved();
  }
  RC_ASSERT(torn == 0);
  for (const auto& [event, size] : log.sizes) {
    if (!Life::dropped(event)) RC_ASSERT(whole[event] >= 1);
  }
}

}  // namespace
}  // namespace acta
