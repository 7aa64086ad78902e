#pragma once
#include <cstdint>
#include <deque>
#include <vector>

namespace acta {

/// Which message of which partition each item was: an input has one order, a topic one for each partition. Items are
/// numbered in the order they were given, from 0. What is remembered is bounded by what is not safe yet; runs of
/// messages of one partition are one entry. One thread.
class OffsetBook {
 public:
  /// A partition as long as it is ours: one that comes back later is another.
  using Tenure = uint32_t;
  /// The offset up to which a partition is done with.
  struct Done {
    Tenure tenure;
    int64_t next;  ///< of the first message that is not
    bool operator==(const Done&) const = default;
  };

  /// Notes the next item; returns its number.
  uint64_t add(Tenure tenure, int64_t offset);
  [[nodiscard]] uint64_t end() const { return end_; }  ///< number of the next item
  /// All items before `number` are safe: what that makes done, one for each partition where there is something new.
  std::vector<Done> safe(uint64_t number);
  /// Items of the partition that are not safe yet.
  [[nodiscard]] bool holds(Tenure tenure) const;

 private:
  struct Run {
    Tenure tenure;
    int64_t offset;
    uint64_t first, count;
  };
  std::deque<Run> runs_;
  uint64_t end_ = 0;
};

}  // namespace acta
