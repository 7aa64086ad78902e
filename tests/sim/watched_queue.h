#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "queue/queue.h"

namespace acta::sim {

/// What stands between the engine and its queue: tells what readers were given, and may misbehave.
struct QueueHooks {
  std::function<void(const std::string& reader, Offset committed)> begun;
  std::function<void(const std::string& reader, const Span& span)> read;
  bool all_is_safe = false;   ///< a bug: what is not synced or committed is called safe
  Offset commits_beyond = 0;  ///< a bug: so many documents too many are committed
};

/// A queue seen from outside. Passes all on to the queue it owns.
class WatchedQueue final : public Queue {
 public:
  WatchedQueue(std::unique_ptr<Queue> under, QueueHooks hooks) : under_(std::move(under)), hooks_(std::move(hooks)) {}

  Result<Offset> append(Batch&& batch) override { return under_->append(std::move(batch)); }
  void wait_for_room(Nanos wait) override { under_->wait_for_room(wait); }
  Result<> sync() override { return under_->sync(); }
  [[nodiscard]] Offset safe() const override { return hooks_.all_is_safe ? under_->end() : under_->safe(); }
  [[nodiscard]] Offset end() const override { return under_->end(); }
  Result<std::unique_ptr<Reader>> reader(const std::string& name) override {
    auto reader = under_->reader(name);
    if (!reader) return reader;
    hooks_.begun(name, (*reader)->committed());
    return std::make_unique<WatchedReader>(*this, name, std::move(*reader));
  }
  void close() override { under_->close(); }
  std::vector<Loss> take_losses() override { return under_->take_losses(); }

 private:
  class WatchedReader final : public Reader {
   public:
    WatchedReader(WatchedQueue& queue, std::string name, std::unique_ptr<Reader> under)
        : queue_(queue), name_(std::move(name)), under_(std::move(under)) {}

    Result<std::optional<Span>> next(Nanos wait) override {
      auto span = under_->next(wait);
      if (!span || !*span) return span;
      read_ = (*span)->end();
      queue_.hooks_.read(name_, **span);
      return span;
    }
    Result<> commit(Offset upto) override {
      return under_->commit(std::min(read_, upto + queue_.hooks_.commits_beyond));
    }
    [[nodiscard]] Offset committed() const override { return under_->committed(); }
    [[nodiscard]] Missed missed() const override { return under_->missed(); }

   private:
    WatchedQueue& queue_;
    std::string name_;
    std::unique_ptr<Reader> under_;
    Offset read_ = 0;
  };

  std::unique_ptr<Queue> under_;
  const QueueHooks hooks_;
};

}  // namespace acta::sim
