#include "processors/condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "processors/field_ref.h"
#include "processors/network_set.h"

namespace acta {
namespace {

using Op = ConditionSpec::Op;

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> number_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::text:
      return number_of(value.text());
    case Value::Kind::integer:
      return static_cast<double>(value.integer());
    case Value::Kind::floating:
      return value.floating();
    case Value::Kind::boolean:
    case Value::Kind::time:
      break;
  }
  return std::nullopt;
}

enum class Bound : uint8_t { gt, gte, lt, lte };

bool holds(Bound bound, double value, double limit) {
  switch (bound) {
    case Bound::gt:
      return value > limit;
    case Bound::gte:
      return value >= limit;
    case Bound::lt:
      return value < limit;
    case Bound::lte:
      return value <= limit;
  }
  return false;
}

/// One test of one field, compiled.
struct Test {
  std::vector<FieldRef> refs;  // several for has_fields of a group
  std::string text{};
  std::optional<int64_t> integer{};
  std::optional<double> number{};
  std::optional<bool> boolean{};
  Bound bound = Bound::gt;
  std::unique_ptr<RE2> pattern{};
  NetworkSet networks{};

  [[nodiscard]] bool equals(const Value& value) const {
    switch (value.kind()) {
      case Value::Kind::text:
        return value.text() == text;
      case Value::Kind::integer:
        return integer == value.integer();
      case Value::Kind::boolean:
        return boolean == value.boolean();
      case Value::Kind::floating:
        return number == value.floating();
      case Value::Kind::time:
        break;
    }
    return false;
  }

  [[nodiscard]] bool fits(Op op, const Value& value) const {
    switch (op) {
      case Op::equals:
        return equals(value);
      case Op::contains:
        return value.text().find(text) != std::string_view::npos;
      case Op::regexp:
        return RE2::PartialMatch({value.text().data(), value.text().size()}, *pattern);
      case Op::network:
        return networks.contains(value.text());
      case Op::range: {
        const auto held = number_of(value);
        return held && holds(bound, *held, *number);
      }
      default:
        return true;
    }
  }

  [[nodiscard]] bool matches(Op op, const Event& event) const {
    if (op == Op::has_fields)
      return std::any_of(refs.begin(), refs.end(), [&](const FieldRef& ref) { return ref.in(event); });
    bool found = false;
    refs.front().each(event, [&](const Value& value) { found = found || fits(op, value); });
    return found;
  }
};

Bound bound_of(std::string_view name) {
  if (name == "gt") return Bound::gt;
  if (name == "gte") return Bound::gte;
  return name == "lt" ? Bound::lt : Bound::lte;
}

bool is_text(FieldId id) {
  switch (field_info(id).type) {
    case FieldType::integer:
    case FieldType::floating:
    case FieldType::boolean:
    case FieldType::date:
      return false;
    default:
      return true;
  }
}

Result<> compile_fields(const ConditionSpec::Test& spec, Op op, Test& test) {
  auto refs = resolve_fields(spec.field);
  if (!refs) return tl::unexpected(refs.error());
  test.refs = *std::move(refs);
  if (op == Op::has_fields) return {};
  if (test.refs.size() > 1) return fail(Errc::config, "'" + spec.field + "' is a group of fields, not one");
  const FieldId id = test.refs.front().id;
  if (field_info(id).type == FieldType::date) {
    return fail(Errc::config, "field '" + spec.field + "' is a date: only has_fields can ask for it");
  }
  const bool of_text = op == Op::contains || op == Op::regexp || op == Op::network;
  if (of_text && !is_text(id)) return fail(Errc::config, "field '" + spec.field + "' is no text; use equals or range");
  return {};
}

Result<> compile_value(const ConditionSpec::Test& spec, Op op, Test& test) {
  if (op == Op::has_fields) return {};
  test.text = spec.values.front();
  test.number = number_of(test.text);
  if (op == Op::range) test.bound = bound_of(spec.bound);
  if (op == Op::equals) {
    int64_t integer = 0;
    const char* end_of_text = test.text.data() + test.text.size();
    const auto [end, error] = std::from_chars(test.text.data(), end_of_text, integer);
    if (error == std::errc{} && end == end_of_text) test.integer = integer;
    if (test.text == "true" || test.text == "false") test.boolean = test.text == "true";
    const FieldType type = field_info(test.refs.front().id).type;
    if (type == FieldType::integer && !test.integer) {
      return fail(Errc::config,
                  "field '" + spec.field + "' is an integer; '" + test.text + "' can never be equal to it");
    }
    if (type == FieldType::boolean && !test.boolean) {
      return fail(Errc::config,
                  "field '" + spec.field + "' is true or false; '" + test.text + "' can never be equal to it");
    }
  }
  if (op == Op::regexp) {
    test.pattern = std::make_unique<RE2>(test.text, RE2::Quiet);
    if (!test.pattern->ok()) {
      return fail(Errc::config, "'" + test.text + "' is no regular expression of RE2: " + test.pattern->error());
    }
  }
  if (op == Op::network) {
    for (const std::string& network : spec.values) {
      if (auto added = test.networks.add(network); !added) return added;
    }
  }
  return {};
}

}  // namespace

struct Condition::Step {
  Op op = Op::all;
  std::vector<Test> tests{};
  std::vector<std::unique_ptr<Step>> children{};

  [[nodiscard]] bool matches(const Event& event) const {
    const auto child = [&](const std::unique_ptr<Step>& step) { return step->matches(event); };
    switch (op) {
      case Op::all:
        return std::all_of(children.begin(), children.end(), child);
      case Op::any:
        return std::any_of(children.begin(), children.end(), child);
      case Op::none:
        return std::none_of(children.begin(), children.end(), child);
      default:
        return std::all_of(tests.begin(), tests.end(), [&](const Test& t) { return t.matches(op, event); });
    }
  }

  static Result<std::unique_ptr<Step>> compile(const ConditionSpec& spec) {
    auto step = std::make_unique<Step>();
    step->op = spec.op;
    for (const ConditionSpec::Test& written : spec.tests) {
      Test& test = step->tests.emplace_back();
      auto done = compile_fields(written, spec.op, test);
      if (done) done = compile_value(written, spec.op, test);
      if (!done) return fail(Errc::config, spec.where + ": " + done.error().what);
    }
    for (const ConditionSpec& written : spec.children) {
      auto child = compile(written);
      if (!child) return child;
      step->children.push_back(*std::move(child));
    }
    return step;
  }
};

Condition::Condition(std::unique_ptr<Step> root) : root_(std::move(root)) {}
Condition::~Condition() = default;
Condition::Condition(Condition&&) noexcept = default;
Condition& Condition::operator=(Condition&&) noexcept = default;

Result<Condition> Condition::compile(const ConditionSpec& spec) {
  auto root = Step::compile(spec);
  if (!root) return tl::unexpected(root.error());
  return Condition(*std::move(root));
}

bool Condition::matches(const Event& event) const {
  return root_->matches(event);
}

}  // namespace acta
