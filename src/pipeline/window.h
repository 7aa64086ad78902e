#pragma once
#include <vector>

#include "queue/queue.h"

namespace acta {

/// The documents that are being delivered: a contiguous part of the log, with which of them are finished. It stays
/// until each of them is. One thread.
///
/// It points into the spans, which it holds. Documents go out in queue order: as long as one that was tried is not
/// finished, no untried one follows.
class Window {
 public:
  [[nodiscard]] bool empty() const { return docs_.empty(); }
  [[nodiscard]] size_t size() const { return docs_.size(); }
  [[nodiscard]] Offset first() const { return first_; }
  [[nodiscard]] Offset end() const { return first_ + size(); }
  [[nodiscard]] size_t bytes() const { return bytes_; }  ///< of the documents
  [[nodiscard]] size_t waiting() const { return waiting_; }

  /// Adds (*span.batch)[from, to), which follows what is there; only before the first part().
  void add(const Span& span, size_t from, size_t to, size_t bytes);
  /// What to send next, at most `limit` (>= 1) documents: those that were tried and are not finished, else the next
  /// untried. Valid until the next call, the documents' bytes until clear().
  Docs part(size_t limit);
  /// The i-th document of the last part has its final fate.
  void finish(size_t i);
  /// Everything before is finished.
  [[nodiscard]] Offset finished_upto() const { return first_ + head_; }
  void clear();

 private:
  Docs part_again(size_t limit);

  Offset first_ = 0;
  std::vector<Span> spans_;  // keep alive what docs_ points into
  std::vector<Doc> docs_;
  std::vector<Doc> again_;         // refused documents that do not lie side by side
  std::vector<uint8_t> finished_;  // one per document
  std::vector<size_t> part_;       // documents of the last part, as indices into finished_
  size_t head_ = 0;                // the first that is not finished
  size_t tried_ = 0;               // everything from here on was never sent
  size_t waiting_ = 0;
  size_t bytes_ = 0;
};

}  // namespace acta
