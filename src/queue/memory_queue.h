#pragma once
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "queue/queue.h"

namespace acta {

/// How much a MemoryQueue holds at most. A single batch beyond a limit is taken only into an empty queue, so that it
/// does get through.
struct MemoryLimits {
  size_t events_max = 65'536;
  size_t bytes_max = 8u << 20;  ///< of Batch::bytes()
};

/// The queue in memory. What is in it is lost with the process: safe() is what every reader has committed, so inputs
/// keep the rest.
///
/// A batch is freed when the slowest reader has committed past its end (and the last Span of it is gone). Without
/// readers nothing is held and safe() is end(). A reader's name and committed offset outlive the Reader object:
/// reader(name) goes on from there. Any thread may call the queue; a Reader belongs to one thread and must not outlive
/// the queue. A wait of 0 never blocks, so one thread can drive all of it.
class MemoryQueue final : public Queue {
 public:
  explicit MemoryQueue(const MemoryLimits& limits);
  ~MemoryQueue() override;
  MemoryQueue(const MemoryQueue&) = delete;
  MemoryQueue& operator=(const MemoryQueue&) = delete;

  /// Errc::full leaves `batch` as it was; Errc::closed after close(). An empty batch is taken and changes nothing.
  Result<Offset> append(Batch&& batch) override;
  /// Room for the batch that was refused last, or any room when none was; returns at once when closed.
  void wait_for_room(Nanos wait) override;
  Result<> sync() override { return {}; }
  [[nodiscard]] Offset safe() const override;
  [[nodiscard]] Offset end() const override;
  /// Errc::unsupported for a new name after the first append, and for a name whose Reader is still there.
  Result<std::unique_ptr<Reader>> reader(const std::string& name) override;
  void close() override;

  /// The batches that are held now; the first may begin before safe().
  [[nodiscard]] std::vector<Span> spans() const;
  /// What lies in the queue now, until it is freed.
  struct Held {
    size_t events = 0;
    size_t bytes = 0;
  };
  [[nodiscard]] Held held() const;

 private:
  class MemoryReader;
  struct Mark {
    Offset committed = 0;
    bool taken = false;  ///< a Reader of that name is there
  };

  Result<std::optional<Span>> next(Offset at, Nanos wait);
  void commit(Mark& mark, Offset upto);
  void give_back(Mark& mark);
  [[nodiscard]] Offset safe_locked() const;
  [[nodiscard]] bool has_room(size_t events, size_t bytes) const;
  void free_passed();

  const MemoryLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable appended_;
  std::condition_variable freed_;
  std::deque<Span> spans_;             // contiguous, ascending
  std::map<std::string, Mark> marks_;  // by reader name; addresses are stable
  Held held_;
  Held wanted_{.events = 1, .bytes = 1};  // of the batch refused last
  Offset end_ = 0;
  bool closed_ = false;
};

}  // namespace acta
