#pragma once
#include <functional>

#include "queue/queue.h"

namespace acta {

/// A queue that keeps nothing: append hands the batch to `sink` and everything is safe when it returns. For replay. One
/// thread; no readers.
class DirectQueue final : public Queue {
 public:
  explicit DirectQueue(std::function<Result<>(const Batch&)> sink) : sink_(std::move(sink)) {}

  Result<Offset> append(Batch&& batch) override {
    if (auto sent = sink_(batch); !sent) return tl::unexpected(sent.error());
    const Offset first = end_;
    end_ += batch.size();
    return first;
  }
  void wait_for_room(Nanos) override {}
  Result<> sync() override { return {}; }
  [[nodiscard]] Offset safe() const override { return end_; }
  [[nodiscard]] Offset end() const override { return end_; }
  Result<std::unique_ptr<Reader>> reader(const std::string&) override {
    return fail(Errc::unsupported, "a direct queue has no readers");
  }
  void close() override {}

 private:
  std::function<Result<>(const Batch&)> sink_;
  Offset end_ = 0;
};

}  // namespace acta
