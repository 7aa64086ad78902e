#include "outputs/elasticsearch/doubt.h"

namespace acta {

bool Doubt::holds(std::string_view id, Nanos now) {
  if (mode_ != Mode::in_doubt) return mode_ == Mode::always;
  if (starting_) {
    if (started_ == 0) started_ = now;
    if (absent_ < absent_needed_ || now - started_ < kStartAtLeast) return true;
    starting_ = false;
  }
  return !ids_.empty() && ids_.find(std::string(id)) != ids_.end();
}

void Doubt::outcome_unknown(std::string_view id) {
  if (mode_ == Mode::off) return;
  if (ids_.size() < kIdsMax) {
    ids_.emplace(id);
    return;
  }
  ids_.clear();
  starting_ = true;
  started_ = 0;
  absent_ = 0;
}

void Doubt::settled(std::string_view id) {
  if (!ids_.empty()) ids_.erase(std::string(id));
}

void Doubt::looked(size_t absent, bool found) {
  absent_ = found ? 0 : absent_ + absent;
}

}  // namespace acta
