#include "event/encoder.h"

#include <array>
#include <vector>

#include "base/check.h"
#include "event/json_writer.h"

namespace acta {
namespace {

constexpr size_t kDepthMax = 8;
using Entry = Event::Entry;

// How a field is opened from each depth: `"process":{"parent":{"pid":`, from the start of each component.
struct FieldPath {
  std::string text;  // and kFragmentBytes behind it, for JsonWriter::fragment()
  size_t size = 0;   // of the text without them
  std::array<uint16_t, kDepthMax> start{};
  std::array<uint16_t, kDepthMax> object{};  // number of the object that holds the component; 0 is the document
  size_t depth = 0;                          // components
};

std::vector<FieldPath> make_paths() {
  std::vector<std::string_view> objects{""};
  const auto number_of = [&](std::string_view prefix) {
    for (size_t i = 0; i < objects.size(); ++i) {
      if (objects[i] == prefix) return static_cast<uint16_t>(i);
    }
    objects.push_back(prefix);
    return static_cast<uint16_t>(objects.size() - 1);
  };
  std::vector<FieldPath> paths(kFieldCount);
  for (uint16_t i = 0; i < kFieldCount; ++i) {
    FieldPath& path = paths[i];
    const std::string_view name = field_info(FieldId{i}).name;
    for (size_t at = 0; at <= name.size();) {
      const size_t dot = std::min(name.find('.', at), name.size());
      CHECK(path.depth < kDepthMax);
      path.start[path.depth] = static_cast<uint16_t>(path.text.size());
      path.object[path.depth] = number_of(name.substr(0, at == 0 ? 0 : at - 1));
      ++path.depth;
      path.text.append("\"").append(name.substr(at, dot - at)).append(dot == name.size() ? "\":" : "\":{");
      at = dot + 1;
    }
    path.size = path.text.size();
    path.text.append(kFragmentBytes, ' ');
  }
  return paths;
}

const std::vector<FieldPath>& paths() {
  static const std::vector<FieldPath> made = make_paths();
  return made;
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
    if (last_ != nullptr) at = close_objects(at, last_->depth, 1);
    last_ = nullptr;
    return at;
  }

  char* field(char* at, const Event& event, FieldId id) {
    at = open(at, id);
    const FieldInfo& info = field_info(id);
    if (info.type == FieldType::map) return map(at, event, id);
    if (info.type == FieldType::objects) return objects(at, event, id);
    if (info.array) return list(at, event, id);
    return value(at, *event.find(id));
  }

 private:
  char* open(char* at, FieldId id) {
    const FieldPath& path = paths_[static_cast<size_t>(id)];
    size_t common = 0;
    if (last_ != nullptr) {
      while (common + 1 < path.depth && common + 1 < last_->depth &&
             path.object[common + 1] == last_->object[common + 1])
        ++common;
      at = close_objects(at, last_->depth, common + 1);
    }
    if (some_) *at++ = ',';
    last_ = &path;
    some_ = true;
    const size_t start = path.start[common];
    return out_.fragment(at, path.text.data() + start, path.size - start);
  }

  static char* close_objects(char* at, size_t from, size_t to) {
    for (size_t depth = from; depth > to; --depth) *at++ = '}';
    return at;
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

  // One member of a map or of an item; opens and closes the group it is in.
  char* member(char* at, const Entry& entry, bool first) {
    if (!same(entry.group, group_)) {
      at = next_group(at, entry.group, first);
      first = true;
    }
    return value(key(at, entry, first), entry.value);
  }

  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.data() == b.data() || a == b);
  }

  char* next_group(char* at, std::string_view group, bool first) {
    if (!group_.empty()) *at++ = '}';
    if (!first) *at++ = ',';
    group_ = group;
    if (group.empty()) return at;
    at = out_.string(at, group);
    *at++ = ':';
    *at++ = '{';
    return at;
  }

  char* key(char* at, const Entry& entry, bool first) {
    const size_t comma = first ? 0 : 1;
    if (entry.key_json != nullptr) [[likely]]  // prepared: `,"key":`
      return out_.fragment(at, entry.key_json + 1 - comma, entry.key.size() + 3 + comma);
    if (!first) *at++ = ',';
    at = out_.string(at, entry.key);
    *at++ = ':';
    return at;
  }

  char* end_members(char* at) {
    if (!group_.empty()) *at++ = '}';
    group_ = {};
    *at++ = '}';
    return at;
  }

  char* map(char* at, const Event& event, FieldId id) {
    *at++ = '{';
    bool first = true;
    event.each(id, [&](const Entry& entry) {
      at = member(at, entry, first);
      first = false;
    });
    return end_members(at);
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
    constexpr uint32_t kNoItem = UINT32_MAX;
    uint32_t item = kNoItem;
    *at++ = '[';
    event.each(id, [&](const Entry& entry) {
      const bool first = entry.item != item;
      if (first) {
        if (item != kNoItem) {
          at = end_members(at);
          *at++ = ',';
        }
        *at++ = '{';
        item = entry.item;
      }
      at = member(at, entry, first);
    });
    at = end_members(at);
    *at++ = ']';
    return at;
  }

  JsonWriter& out_;
  const std::vector<FieldPath>& paths_ = paths();
  const FieldPath* last_ = nullptr;
  bool some_ = false;
  std::string_view group_;
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
