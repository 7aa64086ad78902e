#include "event/batch.h"

namespace acta {

std::string& Batch::begin() {
  open_ = buffer_.size();
  return buffer_;
}

void Batch::commit(const Meta& meta) {
  Slot slot{
      .timestamp = meta.timestamp, .json = open_, .id = buffer_.size(), .dataset = 0, .key = 0, .routes = 0, .end = 0};
  buffer_.append(meta.id);
  slot.dataset = buffer_.size();
  buffer_.append(meta.dataset);
  slot.key = buffer_.size();
  buffer_.append(meta.key);
  slot.routes = buffer_.size();
  buffer_.append(meta.routes);
  slot.end = buffer_.size();
  docs_.push_back(slot);
}

void Batch::add(const Meta& meta, std::string_view json) {
  begin().append(json);
  commit(meta);
}

Doc Batch::operator[](size_t i) const {
  const Slot& slot = docs_[i];
  const std::string_view all = buffer_;
  return {.meta = {.timestamp = slot.timestamp,
                   .id = all.substr(slot.id, slot.dataset - slot.id),
                   .dataset = all.substr(slot.dataset, slot.key - slot.dataset),
                   .key = all.substr(slot.key, slot.routes - slot.key),
                   .routes = all.substr(slot.routes, slot.end - slot.routes)},
          .json = all.substr(slot.json, slot.id - slot.json)};
}

std::vector<Doc> Batch::docs() const {
  std::vector<Doc> all;
  all.reserve(size());
  for (size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
  return all;
}

void Batch::clear() {
  buffer_.clear();
  docs_.clear();
}

}  // namespace acta
