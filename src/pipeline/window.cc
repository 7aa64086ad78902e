#include "pipeline/window.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace acta {

void Window::add(const Span& span, size_t from, size_t to, size_t bytes) {
  CHECK(tried_ == 0 && from < to && to <= span.batch->size());
  if (empty()) first_ = span.first + from;
  CHECK(end() == span.first + from);
  spans_.push_back(span);
  for (size_t i = from; i < to; ++i) docs_.push_back((*span.batch)[i]);
  finished_.resize(size(), 0);
  waiting_ += to - from;
  bytes_ += bytes;
}

Docs Window::part(size_t limit) {
  CHECK(limit > 0 && waiting_ > 0);
  if (head_ < tried_) return part_again(limit);
  const size_t from = tried_;
  tried_ = std::min(size(), tried_ + limit);
  part_.resize(tried_ - from);
  std::iota(part_.begin(), part_.end(), from);
  return Docs(docs_).subspan(from, part_.size());
}

Docs Window::part_again(size_t limit) {
  part_.clear();
  for (size_t i = head_; i < tried_ && part_.size() < limit; ++i) {
    if (finished_[i] == 0) part_.push_back(i);
  }
  if (part_.back() - part_.front() + 1 == part_.size()) return Docs(docs_).subspan(part_.front(), part_.size());
  again_.clear();
  for (const size_t i : part_) again_.push_back(docs_[i]);
  return again_;
}

void Window::finish(size_t i) {
  uint8_t& finished = finished_[part_[i]];
  CHECK(finished == 0);
  finished = 1;
  --waiting_;
  while (head_ < size() && finished_[head_] != 0) ++head_;
}

void Window::clear() {
  first_ = 0;
  spans_.clear();
  docs_.clear();
  again_.clear();
  finished_.clear();
  part_.clear();
  head_ = tried_ = waiting_ = bytes_ = 0;
}

}  // namespace acta
