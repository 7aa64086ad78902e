#pragma once
#include <string>
#include <vector>

#include "event/encoder.h"
#include "processors/decoder.h"

namespace acta::test {

/// Keeps the documents of a decoder as JSON lines.
class CollectSink final : public EventSink {
 public:
  void emit(Event& event, const Provenance& provenance) override {
    ids.emplace_back(event.text(FieldId::kEventId));
    documents.emplace_back();
    Encoder::encode(event, documents.back());
    provenances.push_back(provenance);
  }
  void duplicates(uint16_t, uint64_t records) override { duplicated += records; }

  std::vector<std::string> documents;
  std::vector<std::string> ids;
  std::vector<Provenance> provenances;
  uint64_t duplicated = 0;
};

}  // namespace acta::test
