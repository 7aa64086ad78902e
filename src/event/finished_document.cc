#include "event/finished_document.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace acta {
namespace {

/// Before the texts in an item's bytes; never leaves the process.
struct Head {
  Nanos timestamp;
  std::array<size_t, 5> sizes;  // of id, dataset, key, refusal, JSON
};

}  // namespace

void add_document(RawBatch& batch, const RawItem& head, const FinishedDocument& document) {
  const Meta& meta = document.meta;
  const std::array<std::string_view, 5> texts{meta.id, meta.dataset, meta.key, document.refusal, document.json};
  Head sizes{.timestamp = meta.timestamp, .sizes = {}};
  size_t all = sizeof sizes;
  for (size_t i = 0; i < texts.size(); ++i) all += sizes.sizes[i] = texts[i].size();
  char* to = batch.room(all);
  std::memcpy(to, &sizes, sizeof sizes);
  to += sizeof sizes;
  for (const std::string_view text : texts) to = std::copy(text.begin(), text.end(), to);
  batch.item(head, batch.keep(all), all);
}

FinishedDocument document_of(const RawItem& item) {
  Head head{};
  CHECK(item.bytes.size() >= sizeof head);
  std::memcpy(&head, item.bytes.data(), sizeof head);
  std::string_view rest = item.bytes.substr(sizeof head);
  std::array<std::string_view, 5> texts;
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i] = rest.substr(0, head.sizes[i]);
    rest.remove_prefix(head.sizes[i]);
  }
  return {.meta = {.timestamp = head.timestamp, .id = texts[0], .dataset = texts[1], .key = texts[2]},
          .json = texts[4],
          .refusal = texts[3]};
}

}  // namespace acta
