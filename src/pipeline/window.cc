#include "pipeline/window.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace acta {

void Window::copy_in(const Batch& docs, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i) {
    const Doc doc = docs[i];
    joined_.add(doc.meta, doc.json);
  }
}

void Window::add(const Span& span, size_t from, size_t to, size_t bytes) {
  CHECK(tried_ == 0 && from < to && to <= span.batch->size());
  if (empty()) {
    first_ = span.first + from;
    held_ = span;
    held_from_ = from;
  } else {
    CHECK(first_ + size() == span.first + from);
    if (held_.batch) {
      copy_in(*held_.batch, held_from_, held_from_ + size());
      held_ = {};
    }
    copy_in(*span.batch, from, to);
  }
  finished_.resize(size() + (to - from), 0);
  waiting_ += to - from;
  bytes_ += bytes;
}

Window::Part Window::part(size_t limit) {
  CHECK(limit > 0 && waiting_ > 0);
  if (head_ < tried_) return part_again(limit);
  const size_t to = std::min(size(), tried_ + limit);
  part_.resize(to - tried_);
  std::iota(part_.begin(), part_.end(), tried_);
  const size_t from = tried_;
  tried_ = to;
  if (held_.batch) return {.docs = held_.batch.get(), .from = held_from_ + from, .to = held_from_ + to};
  return {.docs = &joined_, .from = from, .to = to};
}

Window::Part Window::part_again(size_t limit) {
  part_.clear();
  for (size_t i = head_; i < tried_ && part_.size() < limit; ++i) {
    if (finished_[i] == 0) part_.push_back(i);
  }
  const Batch& docs = held_.batch ? *held_.batch : joined_;
  const size_t shift = held_.batch ? held_from_ : 0;
  if (part_.back() - part_.front() + 1 == part_.size()) {
    return {.docs = &docs, .from = shift + part_.front(), .to = shift + part_.back() + 1};
  }
  again_.clear();
  for (const size_t i : part_) {
    const Doc doc = docs[shift + i];
    again_.add(doc.meta, doc.json);
  }
  return {.docs = &again_, .from = 0, .to = part_.size()};
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
  held_ = {};
  held_from_ = 0;
  joined_.clear();
  again_.clear();
  finished_.clear();
  part_.clear();
  head_ = tried_ = waiting_ = bytes_ = 0;
}

}  // namespace acta
