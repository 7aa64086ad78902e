#pragma once
#include <mutex>
#include <optional>
#include <vector>

#include "inputs/input.h"

namespace acta {

/// Passes cursors on from the thread that knows them to the thread that needs them, the newest only. Any thread.
class CursorBoard {
 public:
  void post(std::vector<Cursor> cursors) {
    const std::lock_guard lock(mutex_);
    posted_ = std::move(cursors);
  }
  /// What was posted since the last call; one per source.
  std::optional<std::vector<Cursor>> take() {
    const std::lock_guard lock(mutex_);
    std::optional<std::vector<Cursor>> taken;
    taken.swap(posted_);
    return taken;
  }

 private:
  std::mutex mutex_;
  std::optional<std::vector<Cursor>> posted_;
};

}  // namespace acta
