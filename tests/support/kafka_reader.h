#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inputs/input.h"

namespace acta::test {

/// An input kafka that a test drives by hand, and what it gave. One thread.
class KafkaReader {
 public:
  /// `given`: its settings.
  explicit KafkaReader(const std::map<std::string, std::string>& given);

  struct Item {
    std::string id, json;
    Position begin, end;
  };
  /// Pulls until `count` more items are there, or `wait` is over. The number of new ones.
  size_t pull(size_t count, Nanos wait);
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] size_t losses() const { return losses_; }
  /// The first `count` items are safe.
  void safe(size_t count);
  /// As a process that hangs: nothing of it is done any more.
  void abandon() { static_cast<void>(input_.release()); }
  void close() { input_.reset(); }
  Input& input() { return *input_; }

 private:
  std::unique_ptr<Input> input_;
  std::vector<Item> items_;
  size_t losses_ = 0;
};

}  // namespace acta::test
