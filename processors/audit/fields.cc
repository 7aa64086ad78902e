#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "processors/audit/record.h"
#include "processors/audit/splitter.h"

namespace acta::audit {
namespace {

// Fields as they are.
class FieldList {
 public:
  explicit FieldList(std::vector<Field>& fields) : fields_(fields) { fields_.clear(); }

  void add(std::string_view key, std::string_view value, bool quoted, bool in_message, uint16_t occurrence, Key id) {
    fields_.emplace_back(key, value, quoted, in_message, occurrence, id);
  }
  void extend(const char* end) {
    std::string_view& value = fields_.back().value;
    value = {value.data(), static_cast<size_t>(end - value.data())};
  }
  [[nodiscard]] size_t size() const { return fields_.size(); }
  [[nodiscard]] const Field& field(size_t i) const { return fields_[i]; }
  Field& field(size_t i) { return fields_[i]; }

 private:
  std::vector<Field>& fields_;
};

}  // namespace

void split_fields(const Record& record, std::vector<Field>& fields) {
  FieldList list(fields);
  Splitter(list, false).split(record.body);
}

void split_enriched(const Record& record, std::vector<Field>& fields) {
  FieldList list(fields);
  split_tail(record.enriched, list);
}

uint32_t Occurrences::hash(std::string_view key) {
  uint32_t first = 0;
  uint32_t last = 0;
  if (key.size() >= 4) {
    std::memcpy(&first, key.data(), 4);
    std::memcpy(&last, key.data() + key.size() - 4, 4);
  } else {
    for (const char c : key) first = first << 8 | static_cast<uint8_t>(c);
  }
  return first * 0x9e3779b1u ^ (last + static_cast<uint32_t>(key.size())) * 0x85ebca77u;
}

}  // namespace acta::audit
