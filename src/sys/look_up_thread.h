#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "sys/name_source.h"

namespace acta {

/// A question to a NameSource and, when there is one, its answer.
struct LookUp {
  enum class Kind : uint8_t { user_name, group_name, user_id, group_id };
  Kind kind = Kind::user_name;
  uint32_t id = 0;   ///< of questions for a name; the answer to those for an id
  std::string name;  ///< of questions for an id; the answer to those for a name
  bool found = false;
};

/// Asks a NameSource on a thread of its own, one question after the other. Its methods are called by one other thread.
class LookUpThread {
 public:
  explicit LookUpThread(std::unique_ptr<NameSource> source);
  /// Never waits for long: a look-up that hangs is left behind, with its thread.
  ~LookUpThread();
  LookUpThread(const LookUpThread&) = delete;
  LookUpThread& operator=(const LookUpThread&) = delete;

  /// Puts the question into the queue; false when kWaitingMax wait already.
  bool ask(LookUp question);
  /// Waits up to `wait` for the queue to run empty. False when it did not: the source is overdue.
  bool wait(Nanos wait);
  /// Moves the answers that have come since to `into`; cheap when there are none.
  void take(std::vector<LookUp>& into);

  static constexpr size_t kWaitingMax = 256;

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);
  std::shared_ptr<Shared> shared_;  // shared: a thread that hangs in a look-up outlives this object
  std::thread thread_;
};

}  // namespace acta
