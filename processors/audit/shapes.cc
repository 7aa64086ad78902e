#include "processors/audit/shapes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "processors/audit/record_types.h"
#include "processors/audit/scan.h"

namespace acta::audit {
namespace {

constexpr std::string_view kMessage = "msg='";

// What is the same of a field in all records of a shape stands at the begin of its slot.
constexpr size_t kPrototypeBytes = offsetof(FieldSlot, printed);
static_assert(std::is_trivially_copyable_v<FieldSlot> && offsetof(FieldSlot, has_tail) < kPrototypeBytes);

constexpr std::array<bool, 256> kCutEnds = [] {
  std::array<bool, 256> ends{};
  for (const char end : {',', ':', '\''}) ends[static_cast<uint8_t>(end)] = true;
  return ends;
}();

// Whether the grammar may take another value of what stands without quotes up to the next space.
bool may_be_cut(const char* from, const char* stop) {
  if (from == stop) return false;
  if (*from == '(') [[unlikely]]
    return stop - from > 6 || kCutEnds[static_cast<uint8_t>(stop[-1])];
  return kCutEnds[static_cast<uint8_t>(stop[-1])];
}

bool same_fields(const FieldSlots& a, const FieldSlots& b) {
  const auto same = [](std::string_view x, std::string_view y) { return x.data() == y.data() && x.size() == y.size(); };
  return std::ranges::equal(a, b, [&](const FieldSlot& x, const FieldSlot& y) {
    return x.field.key == y.field.key && same(x.field.value, y.field.value) && x.field.quoted == y.field.quoted &&
           x.has_tail == y.has_tail && (!x.has_tail || same(x.tail, y.tail));
  });
}

}  // namespace

// Reads `key=value` of that step at `at`, and moves behind it. False when something else stands there; that a space or
// the end follows is for the caller to see.
template <Shape::Keys kKeys>
bool Shape::take(const Step& step, const char*& at, const char* end, std::string_view& value, bool& is_quoted) {
  if (!is_key_at(*step.forms, at, end, kKeys == Keys::upper)) return false;
  const char* from = at + step.forms->size + 1;
  is_quoted = from < end && *from == '"';
  from += is_quoted ? 1 : 0;
  at = scan::find<' ', '"'>(from, end);
  value = {from, static_cast<size_t>(at - from)};
  if (is_quoted) return at != end && *at++ == '"';
  return !may_be_cut(from, at);
}

bool Shape::read(const Record& record, FieldSlots& slots) const {
  slots.resize(body_.size());
  FieldSlot* slot = slots.begin();
  const char* at = record.body.data();
  const char* end = at + record.body.size();
  for (const Step& step : body_) {
    if (step.opens_message) [[unlikely]] {
      if (!std::string_view(at, end).starts_with(kMessage) || end[-1] != '\'') return false;
      at += kMessage.size();
      if (at >= --end) return false;
    }
    std::string_view value;
    bool is_quoted = false;
    if (!take<Keys::printed>(step, at, end, value, is_quoted)) return false;
    std::memcpy(static_cast<void*>(slot), &step.field, kPrototypeBytes);
    slot->field.value = value;  // not copied from member to member: that waits for each store
    slot->printed = value;
    slot->text = value;
    slot->field.quoted = is_quoted;
    if (is_quoted && is_word_for_nothing(value)) slot->printed = {value.data() - 1, value.size() + 2};
    ++slot;
    if (at == end) return slot == slots.end() && read_tail(record, slots);
    if (*at++ != ' ') return false;
  }
  return false;
}

bool Shape::read_tail(const Record& record, FieldSlots& slots) const {
  const char* at = record.enriched.data();
  const char* end = at + record.enriched.size();
  for (const Step& step : tail_) {
    FieldSlot& slot = slots[step.slot];
    bool is_quoted = false;
    if (at == end || !take<Keys::upper>(step, at, end, slot.tail, is_quoted)) return false;
    slot.has_tail = true;
    if (at == end) return &step == &tail_.back();
    if (*at++ != ' ') return false;
  }
  return tail_.empty() && at == end;
}

std::optional<Shape> Shape::of(const Record& record, const FieldSlots& slots) {
  if (slots.empty() || slots.size() > kFieldsMax) return std::nullopt;
  Shape shape;
  for (const FieldSlot& slot : slots) {
    if (!is_document_key(slot.key)) return std::nullopt;
    const bool opens_message =
        slot.field.in_message && (shape.body_.empty() || !shape.body_.back().field.field.in_message);
    const auto number = static_cast<uint8_t>(shape.body_.size());
    if (!shape.keys_.add(slot.key)) shape.distinct_ = false;
    if (slot.kind == FieldKind::escaped || slot.key == Key::kAcct) shape.unfinished_.push_back(number);
    const std::string_view key = key_text(slot.key);
    FieldSlot field{.field = slot.field, .name = key, .key = slot.key, .name_key = slot.key, .kind = slot.kind};
    field.field.key = key;
    field.field.value = {};
    shape.body_.push_back(
        {.forms = &kKeyForms[index(slot.key)], .field = field, .opens_message = opens_message, .slot = number});
  }
  // What the record itself has of things that are not of the shape is found by reading it.
  FieldSlots read;
  if (!shape.add_tail(record, slots) || !shape.read(record, read) || !same_fields(read, slots)) return std::nullopt;
  return shape;
}

bool Shape::add_tail(const Record& record, const FieldSlots& slots) {
  std::vector<Field> fields;
  split_enriched(record, fields);
  for (const Field& field : fields) {
    const auto owner = std::ranges::find_if(
        slots, [&](const FieldSlot& slot) { return slot.has_tail && slot.tail.data() == field.value.data(); });
    if (field.id == Key::other || owner == slots.end()) return false;
    tail_.push_back({.forms = &kKeyForms[index(field.id)], .slot = static_cast<uint8_t>(owner - slots.begin())});
  }
  return true;
}

const Shape* Shapes::read(const Record& record, FieldSlots& slots) {
  for (size_t i = 0; i < shapes_.size(); ++i) {
    if (!shapes_[i].read(record, slots)) continue;
    if (i != 0) std::swap(shapes_[i], shapes_[i - 1]);
    return &shapes_[i == 0 ? 0 : i - 1];
  }
  return nullptr;
}

void Shapes::learn(const Record& record, const FieldSlots& slots) {
  constexpr uint16_t kTypeMax = 4095;  // types from here on share one memory
  const bool by_value = record.type == type::kTrustedApp || record.type >= kTypeMax;
  if (by_value || misses_++ % kMissesPerLook != 0) return;
  auto shape = Shape::of(record, slots);
  if (!shape) return;
  if (shapes_.size() == kShapesMax) shapes_.pop_back();
  shapes_.push_back(std::move(*shape));
}

}  // namespace acta::audit
