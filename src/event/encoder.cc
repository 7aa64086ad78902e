#include "event/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "event/json_writer.h"

namespace acta {
namespace {

using Entry = Event::Entry;

using FieldSet = std::array<uint64_t, (kFieldCount + 63) / 64>;  // a bit for each id

// Stands for the constant part in the place of a field.
constexpr auto kConstantPart = static_cast<FieldId>(kFieldCount);

// How documents with the same fields are written: what stands before the value of each, so `"pid":` or
// `}},"process":{"parent":{"pid":`. A host's documents have few such sets, and nothing is found out twice.
class Layout {
 public:
  struct Step {
    const char* text = nullptr;  // and kFragmentBytes behind it
    uint32_t size = 0;
    FieldForm form = FieldForm::scalar;
    FieldId id{};
  };

  Layout() = default;
  Layout(const FieldSet& fields, bool has_constant) : fields_(fields), has_constant_(has_constant) {
    std::vector<size_t> begins;
    const auto add = [&](FieldId id) {
      begins.push_back(text_.size());
      id == kConstantPart ? separate(0) : begin_field(field_info(id).name);
      steps_.push_back({.form = id == kConstantPart ? FieldForm::scalar : field_form(id), .id = id});
    };
    for (uint16_t i = 0; i < kFieldCount; ++i) {
      if ((fields[i / 64] >> (i % 64) & 1) != 0) add(FieldId{i});
      if (has_constant && FieldId{i} == kLastConstantField) add(kConstantPart);
    }
    begins.push_back(text_.size());
    close(0);
    text_.append(steps_.empty() ? "{}" : "}");
    end_ = text_.size() - begins.back();
    text_.append(kFragmentBytes, ' ');
    for (size_t i = 0; i < steps_.size(); ++i) {
      steps_[i].text = text_.data() + begins[i];
      steps_[i].size = static_cast<uint32_t>(begins[i + 1] - begins[i]);
    }
  }

  [[nodiscard]] bool empty() const { return end_ == 0; }
  [[nodiscard]] bool is_of(const FieldSet& fields, bool has_constant) const {
    return !empty() && fields_ == fields && has_constant_ == has_constant;
  }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  // What stands behind the last value.
  [[nodiscard]] std::string_view end() const {
    return std::string_view(text_).substr(text_.size() - kFragmentBytes - end_, end_);
  }

 private:
  void begin_field(std::string_view name) {
    size_t depth = 0;
    bool common = true;  // the objects up to here are those that are open
    size_t dot = 0;
    for (; (dot = name.find('.')) != std::string_view::npos; name.remove_prefix(dot + 1), ++depth) {
      const std::string_view object = name.substr(0, dot);
      if (common && depth < open_.size() && open_[depth] == object) continue;
      if (common) separate(depth);
      common = false;
      text_.append("\"").append(object).append("\":{");
      open_.push_back(object);
    }
    if (common) separate(depth);
    text_.append("\"").append(name).append("\":");
  }
  void separate(size_t depth) {
    close(depth);
    text_ += steps_.empty() ? '{' : ',';
  }
  void close(size_t depth) {
    text_.append(open_.size() - depth, '}');
    open_.resize(depth);
  }

  FieldSet fields_{};
  bool has_constant_ = false;
  std::vector<Step> steps_;
  std::string text_;
  size_t end_ = 0;  // size of end()
  std::vector<std::string_view> open_;
};

// The latest layouts. One thread.
class Layouts {
 public:
  const Layout& of(const FieldSet& fields, bool has_constant) {
    uint64_t hash = has_constant ? 1 : 0;
    for (const uint64_t word : fields) hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    const auto home = static_cast<size_t>(hash >> (64 - kBits));
    for (size_t probe = 0; probe < kProbesMax; ++probe) {
      Layout& layout = layouts_[(home + probe) % layouts_.size()];
      if (layout.is_of(fields, has_constant)) [[likely]]
        return layout;
      if (layout.empty()) return layout = Layout(fields, has_constant);
    }
    return layouts_[home] = Layout(fields, has_constant);
  }

 private:
  static constexpr unsigned kBits = 7;
  static constexpr size_t kProbesMax = 8;  // two sets of one place must not drive each other out
  std::array<Layout, size_t{1} << kBits> layouts_;
};

// Writes what stands at the steps of a layout. Methods take and return the place in the buffer, as those of JsonWriter.
class DocumentWriter {
 public:
  explicit DocumentWriter(JsonWriter& out) : out_(out) {}

  char* field(char* at, FieldForm form, Event::Entries entries) {
    switch (form) {
      case FieldForm::scalar:
        return value(at, (*entries).value);
      case FieldForm::list:
        return list(at, entries);
      case FieldForm::map:
        return objects(at, entries, false);
      case FieldForm::objects:
        return objects(at, entries, true);
    }
    return at;
  }

 private:
  // In line wherever it is called: as a call it costs a tenth more.
  [[gnu::always_inline]] char* value(char* at, const Value& v) {
    if (v.kind() == Value::Kind::text) [[likely]]
      return out_.string(at, v.text(), v.is_plain());
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

  [[gnu::noinline]] char* list(char* at, Event::Entries entries) {
    char before = '[';
    for (; entries; ++entries) {
      *at++ = before;
      at = value(at, (*entries).value);
      before = ',';
    }
    *at++ = ']';
    return at;
  }

  // A map is one object; a list has one for each item.
  [[gnu::noinline]] char* objects(char* at, Event::Entries entries, bool in_list) {
    at = out_.room(at);
    char before = '[';
    do {
      if (in_list) *at++ = before;
      at = object(at, entries);
      before = ',';
    } while (entries);
    if (in_list) *at++ = ']';
    return at;
  }

  // What `entries` has of one item: plain members, then those of its groups.
  [[gnu::always_inline]] char* object(char* at, Event::Entries& entries) {
    const uint32_t item = (*entries).item;
    std::string_view group;
    char before = '{';  // what a member has before it: the first one opens its object
    do {
      const Entry& entry = *entries;
      if (!same(entry.group, group)) [[unlikely]] {
        at = next_group(at, before, group, entry.group);
        group = entry.group;
        before = '{';
      }
      at = value(key(at, before, entry), entry.value);
      before = ',';
      ++entries;
    } while (entries && (*entries).item == item);
    if (!group.empty()) *at++ = '}';
    *at++ = '}';
    return at;
  }

  // The key of a member, from what stands before it to its colon.
  [[gnu::always_inline]] char* key(char* at, char before, const Entry& entry) {
    if (entry.key_json == nullptr) [[unlikely]] {
      *at++ = before;
      at = out_.string(at, entry.key);
      *at++ = ':';
      return at;
    }
    char* end = JsonWriter::short_fragment(at, entry.key_json, entry.key.size() + 4);  // `,"key":`
    *at = before;
    return end;
  }

  static bool same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && (a.data() == b.data() || a == b);
  }

  // Up to where the first member of the group opens it.
  char* next_group(char* at, char before, std::string_view last, std::string_view group) {
    if (!last.empty()) *at++ = '}';
    if (group.empty()) return at;
    *at++ = before;
    at = out_.string(at, group);
    *at++ = ':';
    return at;
  }

  JsonWriter& out_;
};

}  // namespace

void Encoder::encode(const Event& event, std::string& out) {
  static thread_local JsonWriter json;
  static thread_local Layouts layouts;
  const std::string_view constant = event.constant() == nullptr ? std::string_view{} : event.constant()->json();
  const Layout& layout = layouts.of(event.present_, !constant.empty());
  DocumentWriter document(json);
  char* at = json.begin();
  for (const Layout::Step& step : layout.steps()) {
    at = step.size <= kFragmentBytes ? JsonWriter::short_fragment(at, step.text, step.size)
                                     : json.fragment(at, step.text, step.size);
    at = step.id == kConstantPart ? json.raw(at, constant) : document.field(at, step.form, event.own_entries(step.id));
  }
  at = json.fragment(at, layout.end().data(), layout.end().size());
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
