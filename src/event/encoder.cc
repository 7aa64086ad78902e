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
  std::string text;
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
  }
  return paths;
}

const FieldPath& path_of(FieldId id) {
  static const std::vector<FieldPath> paths = make_paths();
  return paths[static_cast<size_t>(id)];
}

// Writes the fields of one document in the order of ids, opening and closing objects on the way.
class DocumentWriter {
 public:
  explicit DocumentWriter(JsonWriter& out) : out_(out) {}

  void open(FieldId id) {
    const FieldPath& path = path_of(id);
    size_t common = 0;
    if (last_ != nullptr) {
      while (common + 1 < path.depth && common + 1 < last_->depth &&
             path.object[common + 1] == last_->object[common + 1])
        ++common;
      for (size_t depth = last_->depth; depth > common + 1; --depth) out_.raw('}');
    }
    if (some_) out_.raw(',');
    out_.raw(std::string_view(path.text).substr(path.start[common]));
    last_ = &path;
    some_ = true;
  }

  void fragment(std::string_view json) {
    close();
    if (json.empty()) return;
    if (some_) out_.raw(',');
    out_.raw(json);
    some_ = true;
  }

  void close() {
    if (last_ != nullptr) {
      for (size_t depth = last_->depth; depth > 1; --depth) out_.raw('}');
    }
    last_ = nullptr;
  }

  void value(const Value& v) {
    switch (v.kind()) {
      case Value::Kind::text:
        return out_.string(v.text());
      case Value::Kind::integer:
        return out_.integer(v.integer());
      case Value::Kind::boolean:
        return out_.boolean(v.boolean());
      case Value::Kind::floating:
        return out_.floating(v.floating());
      case Value::Kind::time:
        return out_.time(v.integer());
    }
  }

  // One member of a map or of an item; opens and closes the group it is in.
  void member(const Entry& entry, bool first) {
    if (entry.group != group_) {
      if (!group_.empty()) out_.raw('}');
      if (!first) out_.raw(',');
      first = true;
      group_ = entry.group;
      if (!group_.empty()) {
        out_.string(group_);
        out_.raw(":{");
      }
    }
    if (!first) out_.raw(',');
    out_.string(entry.key);
    out_.raw(':');
    value(entry.value);
  }

  void end_members() {
    if (!group_.empty()) out_.raw('}');
    group_ = {};
    out_.raw('}');
  }

  void field(const Event& event, FieldId id) {
    open(id);
    const FieldInfo& info = field_info(id);
    if (info.type == FieldType::map) return map(event, id);
    if (info.type == FieldType::objects) return objects(event, id);
    if (info.array) return list(event, id);
    value(*event.find(id));
  }

 private:
  void map(const Event& event, FieldId id) {
    out_.raw('{');
    bool first = true;
    event.each(id, [&](const Entry& entry) {
      member(entry, first);
      first = false;
    });
    end_members();
  }

  void list(const Event& event, FieldId id) {
    char before = '[';
    event.each(id, [&](const Entry& entry) {
      out_.raw(before);
      value(entry.value);
      before = ',';
    });
    out_.raw(']');
  }

  void objects(const Event& event, FieldId id) {
    constexpr uint32_t kNoItem = UINT32_MAX;
    uint32_t item = kNoItem;
    out_.raw('[');
    event.each(id, [&](const Entry& entry) {
      const bool first = entry.item != item;
      if (first) {
        if (item != kNoItem) {
          end_members();
          out_.raw(',');
        }
        out_.raw('{');
        item = entry.item;
      }
      member(entry, first);
    });
    end_members();
    out_.raw(']');
  }

  JsonWriter& out_;
  const FieldPath* last_ = nullptr;
  bool some_ = false;
  std::string_view group_;
};

}  // namespace

void Encoder::encode(const Event& event, std::string& out) {
  static thread_local JsonWriter json;
  json.clear();
  json.raw('{');
  DocumentWriter document(json);
  bool constant_written = event.constant() == nullptr;
  event.each_field([&](FieldId id) {
    if (!constant_written && id > kLastConstantField) {
      document.fragment(event.constant()->json());
      constant_written = true;
    }
    document.field(event, id);
  });
  document.close();
  if (!constant_written) document.fragment(event.constant()->json());
  json.raw('}');
  out.append(json.view());
}

ConstantPart::ConstantPart(Event event) : event_(std::move(event)) {
  event_.each_field([](FieldId id) { CHECK(id <= kLastConstantField && id != FieldId::kTimestamp); });
  Encoder::encode(event_, json_);
  json_ = json_.substr(1, json_.size() - 2);
}

void append_json_string(std::string_view text, std::string& out) {
  static thread_local JsonWriter json;
  json.clear();
  json.string(text);
  out.append(json.view());
}

void append_iso_time(Nanos time, std::string& out) {
  static thread_local JsonWriter json;
  json.clear();
  json.time(time);
  out.append(json.view().substr(1, json.view().size() - 2));
}

}  // namespace acta
