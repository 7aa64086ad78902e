#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "processors/field_ref.h"
#include "processors/processor.h"
#include "processors/rewrite.h"

namespace acta {
namespace {

constexpr Option kOptions[] = {
    {.key = "target",
     .type = Option::Type::text,
     .fallback = "labels",
     .help = "Field that the new ones go below; \"\" for the top of the document. Only fields of the field list can be "
             "set, and "
             "any name below labels, so that documents stay valid ECS."},
    {.key = "fields",
     .type = Option::Type::map,
     .fallback = "",
     .help = "Names and values. What an event has already is replaced; a list gets the value as one more entry.",
     .required = true},
};

/// A field and its value, checked against the field's type.
struct Addition {
  FieldRef ref;
  std::string text;
  int64_t integer = 0;
  double floating = 0;
};

bool is_address(const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 || inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

template <class T>
bool parse(const std::string& text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Sets constant fields in events.
class AddFields final : public Processor {
 public:
  explicit AddFields(std::vector<Addition> additions) : additions_(std::move(additions)) {}

  Verdict process(Event& event) override {
    for (const Addition& addition : additions_) apply(event, addition);
    return Verdict::keep;
  }

 private:
  void apply(Event& event, const Addition& addition) {
    const FieldId id = addition.ref.id;
    const FieldInfo& info = field_info(id);
    if (info.type == FieldType::map) return put(event, addition);
    if (info.array) return event.add_unique(id, addition.text);
    switch (info.type) {
      case FieldType::integer:
        return event.set(id, addition.integer);
      case FieldType::floating:
        return event.set(id, addition.floating);
      case FieldType::boolean:
        return event.set(id, addition.text == "true");
      default:
        return event.set_view(id, addition.text);
    }
  }

  void put(Event& event, const Addition& addition) {
    const FieldRef& ref = addition.ref;
    if (ref.in(event)) {
      std::erase_if(rewrite_.take(event, ref.id), [&](const Event::Entry& entry) { return ref.covers(entry); });
      rewrite_.put_back(event, ref.id);
    }
    event.put(ref.id, ref.key, addition.text);
  }

  const std::vector<Addition> additions_;
  Rewrite rewrite_;
};

tl::unexpected<Error> not_a(const std::string& name, const std::string& value, std::string_view kind) {
  return fail(Errc::config, "field '" + name + "' is " + std::string(kind) + "; '" + value + "' is none");
}

Result<Addition> check(const std::string& name, const std::string& value) {
  auto ref = resolve_field(name);
  if (!ref) {
    return fail(Errc::config, ref.error().what + "; fields of your own go below labels (target: labels)");
  }
  Addition addition{.ref = *std::move(ref), .text = value};
  const FieldInfo& info = field_info(addition.ref.id);
  if (is_essential(addition.ref.id)) return fail(Errc::config, "field '" + name + "' is the agent's own to set");
  switch (info.type) {
    case FieldType::map:
      if (addition.ref.key.empty()) return fail(Errc::config, "'" + name + "' is a group of fields, not one");
      if (info.name != "labels")
        return fail(Errc::config, "'" + std::string(info.name) + "' holds what records say; use labels");
      if (addition.ref.key.find('.') != std::string::npos)
        return fail(Errc::config, "labels has no groups: '" + name + "'");
      break;
    case FieldType::objects:
    case FieldType::date:
      return fail(Errc::config, "field '" + name + "' cannot be set to a text");
    case FieldType::integer:
      if (!parse(value, addition.integer)) return not_a(name, value, "an integer");
      break;
    case FieldType::floating:
      if (!parse(value, addition.floating)) return not_a(name, value, "a number");
      break;
    case FieldType::boolean:
      if (value != "true" && value != "false") return not_a(name, value, "true or false");
      break;
    case FieldType::ip:
      if (!is_address(value)) return not_a(name, value, "an IP address");
      break;
    default:
      break;
  }
  return addition;
}

Result<std::unique_ptr<Processor>> make(const Settings& settings) {
  std::vector<Addition> additions;
  const std::string& target = settings.has("target") ? settings.text("target") : std::string();
  for (const auto& [key, value] : settings.map("fields")) {
    auto addition = check(target.empty() ? key : target + "." + key, value);
    if (!addition) return tl::unexpected(addition.error());
    additions.push_back(*std::move(addition));
  }
  return std::make_unique<AddFields>(std::move(additions));
}

constexpr Component<Processor> kComponent{
    .name = "add_fields", .summary = "Sets fields to fixed values.", .options = kOptions, .make = make};
const Register<Processor> kRegistered(kComponent);

}  // namespace
}  // namespace acta
