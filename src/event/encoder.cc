#include "event/encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "event/json_writer.h"

namespace acta {
namespace {

using Entry = Event::Entry;

constexpr size_t kDepthMax = 8;
constexpr std::string_view kBraces = "}}}}}}}}";
static_assert(kBraces.size() == kDepthMax);

enum class Form : uint8_t { scalar, list, map, objects };

// How a field is opened from each depth: `"process":{"parent":{"pid":`, from the start of each component.
struct FieldPath {
  const char* text = nullptr;               // and kFragmentBytes behind it, for JsonWriter::fragment()
  std::array<uint8_t, kDepthMax> object{};  // number of the object that holds the component; 0 is the document
  std::array<uint8_t, kDepthMax> start{};
  uint8_t size = 0;   // of the text without what is behind it
  uint8_t depth = 0;  // components
  Form form = Form::scalar;

  // Components that both fields have in common; the last one of either, which is no object, is never among them.
  [[nodiscard]] size_t common(const FieldPath& other) const {
    size_t at = 1;
    if constexpr (std::endian::native == std::endian::little) {
      const auto other_ones = std::bit_cast<uint64_t>(object) ^ std::bit_cast<uint64_t>(other.object);
      at = static_cast<size_t>(std::countr_zero(other_ones | uint64_t{1} << (8 * depth))) / 8;
    } else {
      while (at < depth && object[at] == other.object[at]) ++at;
    }
    return at - 1;
  }
};

// The document itself, which is open before the first field.
constexpr FieldPath kDocument{.object = {0, 255, 255, 255, 255, 255, 255, 255}, .depth = 1};

Form form_of(const FieldInfo& info) {
  if (info.type == FieldType::map) return Form::map;
  if (info.type == FieldType::objects) return Form::objects;
  return info.array ? Form::list : Form::scalar;
}

// All of them; their texts lie one after the other.
class FieldPaths {
 public:
  FieldPaths() : paths_(kFieldCount) {
    std::vector<size_t> begins;
    for (uint16_t i = 0; i < kFieldCount; ++i) {
      begins.push_back(texts_.size());
      add(field_info(FieldId{i}), paths_[i]);
      paths_[i].size = static_cast<uint8_t>(texts_.size() - begins.back());
      CHECK(paths_[i].size == texts_.size() - begins.back());
    }
    texts_.append(kFragmentBytes, ' ');
    for (uint16_t i = 0; i < kFieldCount; ++i) paths_[i].text = texts_.data() + begins[i];
  }
  [[nodiscard]] const FieldPath* data() const { return paths_.data(); }

 private:
  void add(const FieldInfo& info, FieldPath& path) {
    const size_t begin = texts_.size();
    path.form = form_of(info);
    path.object.fill(UINT8_MAX);
    for (size_t at = 0; at <= info.name.size();) {
      const size_t dot = std::min(info.name.find('.', at), info.name.size());
      CHECK(path.depth + 1u < kDepthMax);
      path.start[path.depth] = static_cast<uint8_t>(texts_.size() - begin);
      path.object[path.depth] = number_of(info.name.substr(0, at == 0 ? 0 : at - 1));
      ++path.depth;
      texts_.append("\"").append(info.name.substr(at, dot - at)).append(dot == info.name.size() ? "\":" : "\":{");
      at = dot + 1;
    }
  }
  uint8_t number_of(std::string_view prefix) {
    const auto found = std::ranges::find(objects_, prefix);
    const auto number = static_cast<size_t>(found - objects_.begin());
    CHECK(number < UINT8_MAX);
    if (found == objects_.end()) objects_.push_back(prefix);
    return static_cast<uint8_t>(number);
  }

  std::vector<FieldPath> paths_;
  std::string texts_;
  std::vector<std::string_view> objects_{""};
};

const FieldPath* paths() {
  static const FieldPaths made;
  return made.data();
}

// Writes the fields of one document in the order of ids, opening and closing objects on the way. Methods take and
// return the place in the buffer, as those of JsonWriter.
class DocumentWriter {
 public:
  explicit DocumentWriter(JsonWriter& out) : out_(out) {}

  char* fragment(char* at, std::string_view json) {
    at = close(at);
    if (json.empty()) return at;
    if (some_) *at++ = ',';
    some_ = true;
    return out_.raw(at, json);
  }

  char* close(char* at) {
    at = close_objects(at, last_->depth - 1u);
    last_ = &kDocument;
    return at;
  }

  char* field(char* at, const Event& event, FieldId id) {
    const FieldPath& path = paths_[static_cast<size_t>(id)];
    at = open(at, path);
    switch (path.form) {
      case Form::scalar:
        return value(at, *event.find(id));
      case Form::list:
        return list(at, event, id);
      case Form::map:
        return map(at, event, id);
      case Form::objects:
        return objects(at, event, id);
    }
    return at;
  }

 private:
  char* open(char* at, const FieldPath& path) {
    const size_t common = path.common(*last_);
    at = close_objects(at, last_->depth - 1u - common);
    if (some_) *at++ = ',';
    last_ = &path;
    some_ = true;
    const size_t start = path.start[common];
    return out_.fragment(at, path.text + start, path.size - start);
  }

  static char* close_objects(char* at, size_t count) {
    std::memcpy(at, kBraces.data(), kBraces.size());
    return at + count;
  }

  char* value(char* at, const Value& v) {
    if (v.kind() == Value::Kind::text) [[likely]]
      return out_.string(at, v.text());
    return other_value(at, v);
  }

  char* other_value(char* at, const Value& v) {
    switch (v.kind()) {
      case Value::Kind::text:
        return out_.string(at, v.text());
      case Value::Kind::integer:
        return out_.integer(at, v.integer());
      case Value::Kind::boolean:
        return out_.boolean(at, v.boolean());
      case Value::Kind::floating:
        return out_.floating(at, v.floating());
      case Value::Kind::time:
        return out_.time(at, v.integer());
    }
    return at;
  }

  // A member of an object, with a comma before it.
  char* member(char* at, const Entry& entry) {
    if (entry.key_json != nullptr) [[likely]] {  // prepared: `,"key":`
      at = JsonWriter::short_fragment(at, entry.key_json, entry.key.size() + 4);
    } else {
      *at++ = ',';
      at = out_.string(at, entry.key);
      *at++ = ':';
    }
    return value(at, entry.value);
  }

  // The first member of an object opens it: a brace in the place of its comma.
  char* first_member(char* at, const Entry& entry) {
    const size_t brace = out_.view(at).size();
    at = member(at, entry);
    out_.begin()[brace] = '{';
    return at;
  }

  // What `entries` has of one item: plain members, then those of its groups.
  char* members(char* at, Event::Entries& entries) {
    const uint32_t item = (*entries).item;
    std::string_view group;
    bool first = true;
    for (; entries && (*entries).item == item; ++entries) {
      const Entry& entry = *entries;
      if (!same(entry.group, group)) [[unlikely]] {
        at = next_group(at, group, entry.group, first);
        group = entry.group;
        first = true;
      }
      at = first ? first_member(at, entry) : member(at, entry);
      first = false;
    }
    if (!group.empty()) *at++ = '}';
    *at++ = '}';
    return at;
  }

  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.data() == b.data() || a == b);
  }

  // Up to where the first member of the group opens it. `first`: its object has no member yet.
  char* next_group(char* at, std::string_view before, std::string_view group, bool first) {
    if (!before.empty()) *at++ = '}';
    if (group.empty()) return at;
    *at++ = first ? '{' : ',';
    at = out_.string(at, group);
    *at++ = ':';
    return at;
  }

  char* map(char* at, const Event& event, FieldId id) {
    Event::Entries entries = event.entries(id);
    return members(at, entries);
  }

  char* list(char* at, const Event& event, FieldId id) {
    char before = '[';
    event.each(id, [&](const Entry& entry) {
      *at++ = before;
      at = value(at, entry.value);
      before = ',';
    });
    *at++ = ']';
    return at;
  }

  char* objects(char* at, const Event& event, FieldId id) {
    char before = '[';
    for (Event::Entries entries = event.entries(id); entries;) {
      *at++ = before;
      at = members(at, entries);
      before = ',';
    }
    *at++ = ']';
    return at;
  }

  JsonWriter& out_;
  const FieldPath* paths_ = paths();
  const FieldPath* last_ = &kDocument;
  bool some_ = false;
};

}  // namespace

void Encoder::encode(const Event& event, std::string& out) {
  static thread_local JsonWriter json;
  char* at = json.begin();
  *at++ = '{';
  DocumentWriter document(json);
  bool constant_written = event.constant() == nullptr;
  event.each_field([&](FieldId id) {
    if (!constant_written && id > kLastConstantField) {
      at = document.fragment(at, event.constant()->json());
      constant_written = true;
    }
    at = document.field(at, event, id);
  });
  at = document.close(at);
  if (!constant_written) at = document.fragment(at, event.constant()->json());
  *at++ = '}';
  out.append(json.view(at));
}

ConstantPart::ConstantPart(Event event) : event_(std::move(event)) {
  event_.each_field([](FieldId id) { CHECK(id <= kLastConstantField && id != FieldId::kTimestamp); });
  Encoder::encode(event_, json_);
  json_ = json_.substr(1, json_.size() - 2);
}

void append_json_string(std::string_view text, std::string& out) {
  static thread_local JsonWriter json;
  out.append(json.view(json.string(json.begin(), text)));
}

void append_iso_time(Nanos time, std::string& out) {
  static thread_local JsonWriter json;
  const std::string_view quoted = json.view(json.time(json.begin(), time));
  out.append(quoted.substr(1, quoted.size() - 2));
}

}  // namespace acta
