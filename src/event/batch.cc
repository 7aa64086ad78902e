#include "event/batch.h"

#include <algorithm>

namespace acta {

size_t side_by_side(Docs docs) {
  size_t count = std::min<size_t>(docs.size(), 1);
  while (count < docs.size() &&
         docs[count].json.data() == docs[count - 1].json.data() + docs[count - 1].json.size() + 1) {
    ++count;
  }
  return count;
}

std::string_view lines_of(Docs docs) {
  if (docs.empty()) return {};
  const char* begin = docs.front().json.data();
  return {begin, static_cast<size_t>(docs.back().json.data() + docs.back().json.size() + 1 - begin)};
}

std::string& Batch::begin() {
  open_ = lines_.size();
  return lines_;
}

void Batch::commit(const Meta& meta) {
  Slot slot{.timestamp = meta.timestamp,
            .json = open_,
            .json_end = lines_.size(),
            .id = metas_.size(),
            .dataset = 0,
            .key = 0,
            .routes = 0,
            .end = 0};
  lines_.push_back('\n');
  metas_.append(meta.id);
  slot.dataset = metas_.size();
  metas_.append(meta.dataset);
  slot.key = metas_.size();
  metas_.append(meta.key);
  slot.routes = metas_.size();
  metas_.append(meta.routes);
  slot.end = metas_.size();
  docs_.push_back(slot);
}

void Batch::add(const Meta& meta, std::string_view json) {
  begin().append(json);
  commit(meta);
}

Doc Batch::operator[](size_t i) const {
  const Slot& slot = docs_[i];
  const std::string_view metas = metas_;
  return {.meta = {.timestamp = slot.timestamp,
                   .id = metas.substr(slot.id, slot.dataset - slot.id),
                   .dataset = metas.substr(slot.dataset, slot.key - slot.dataset),
                   .key = metas.substr(slot.key, slot.routes - slot.key),
                   .routes = metas.substr(slot.routes, slot.end - slot.routes)},
          .json = std::string_view(lines_).substr(slot.json, slot.json_end - slot.json)};
}

std::vector<Doc> Batch::docs() const {
  std::vector<Doc> all;
  all.reserve(size());
  for (size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
  return all;
}

void Batch::clear() {
  lines_.clear();
  metas_.clear();
  docs_.clear();
}

}  // namespace acta
