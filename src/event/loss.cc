#include "event/loss.h"

#include <algorithm>
#include <array>

namespace acta {
namespace {

struct Words {
  std::string_view word;
  std::string_view sentence;
};

constexpr std::array<Words, kLossReasons> kWords = {{
    {"ring_full", "the agent could not take them as fast as they came"},
    {"socket_overrun", "the receive buffer of the agent's socket overran"},
    {"kernel_backlog", "the kernel counts them as lost"},
    {"serial_gap", "their serial numbers never came"},
    {"pipe_gap", "they were not handed over"},
    {"file_gap", "their file was gone before it was read to its end"},
    {"topic_gap", "their topic had deleted them before they were read"},
    {"queue_dropped", "the queue was full and gives up the oldest"},
    {"expired", "they were older than the queue keeps them"},
    {"spool_damaged", "a part of the spool is damaged"},
}};

}  // namespace

std::string_view word_of(LossReason reason) {
  return kWords[static_cast<size_t>(reason)].word;
}

std::string_view sentence_of(LossReason reason) {
  return kWords[static_cast<size_t>(reason)].sentence;
}

void Loss::add_serials(SerialRange range) {
  if (!serials.empty()) {
    SerialRange& back = serials.back();
    const bool adjoins = range.first >= back.first && range.first - back.first <= back.last - back.first + 1;
    if (adjoins || serials.size() >= kRangesMax) {
      back.first = std::min(back.first, range.first);
      back.last = std::max(back.last, range.last);
      return;
    }
  }
  serials.push_back(range);
}

void Loss::merge(const Loss& later) {
  count += later.count;
  at_least = at_least || later.at_least;
  if (later.from != 0) from = from == 0 ? later.from : std::min(from, later.from);
  to = std::max(to, later.to);
  for (const SerialRange& range : later.serials) add_serials(range);
}

}  // namespace acta
