#include "config/condition_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/value.h"

namespace acta::config {
namespace {

using Op = ConditionSpec::Op;

struct OpName {
  std::string_view name;
  Op op;
};
constexpr std::array<OpName, 9> kOps{{{"equals", Op::equals},
                                      {"contains", Op::contains},
                                      {"regexp", Op::regexp},
                                      {"range", Op::range},
                                      {"network", Op::network},
                                      {"has_fields", Op::has_fields},
                                      {"and", Op::all},
                                      {"or", Op::any},
                                      {"not", Op::none}}};
constexpr std::array<std::string_view, 4> kBounds{"gt", "gte", "lt", "lte"};

class ConditionReader {
 public:
  explicit ConditionReader(Diagnostics& problems) : problems_(problems) {}

  bool read(const Node& node, const std::string& path, ConditionSpec& spec) {
    if (node.kind != Node::Kind::map || node.entries.size() != 1) {
      problems_.add(node.at, fmt::format("key '{}' must be one condition: one of {}; put several below 'and' or 'or'",
                                         path, names()));
      return false;
    }
    const Node::Entry& entry = node.entries.front();
    const auto* found = std::find_if(kOps.begin(), kOps.end(), [&](const OpName& o) { return o.name == entry.key; });
    if (found == kOps.end()) {
      std::vector<std::string_view> known;
      for (const OpName& o : kOps) known.push_back(o.name);
      const std::string hint = did_you_mean(entry.key, known);
      problems_.add(entry.at, fmt::format("condition '{}.{}' is not known{} it is one of: {}", path,
                                          printable(entry.key), hint.empty() ? ";" : hint, names()));
      return false;
    }
    spec.op = found->op;
    spec.where = to_string(entry.at);
    return content(entry.value, path + "." + entry.key, spec);
  }

 private:
  static std::string names() {
    std::string out;
    for (const OpName& o : kOps) out += (out.empty() ? "" : ", ") + std::string(o.name);
    return out;
  }

  bool content(const Node& node, const std::string& path, ConditionSpec& spec) {
    switch (spec.op) {
      case Op::all:
      case Op::any:
        return children(node, path, spec);
      case Op::none:
        return read(node, path, spec.children.emplace_back());
      case Op::has_fields:
        return fields(node, path, spec);
      default:
        return tests(node, path, "", spec);
    }
  }

  bool children(const Node& node, const std::string& path, ConditionSpec& spec) {
    if (node.kind != Node::Kind::list || node.items.empty()) {
      problems_.add(node.at, fmt::format("key '{}' must be a list of conditions", path));
      return false;
    }
    bool good = true;
    for (const Node& item : node.items) good = read(item, path, spec.children.emplace_back()) && good;
    return good;
  }

  bool fields(const Node& node, const std::string& path, ConditionSpec& spec) {
    if (node.kind != Node::Kind::list || node.items.empty()) {
      problems_.add(node.at, fmt::format("key '{}' must be a list of fields", path));
      return false;
    }
    for (const Node& item : node.items) {
      if (!is_value(item, path)) return false;
      spec.tests.push_back({item.text, "", {}});
    }
    return true;
  }

  /// The tests in a group of field: value, nested or dotted (the tree has them nested).
  bool tests(const Node& node, const std::string& path, const std::string& field, ConditionSpec& spec) {
    if (node.kind != Node::Kind::map || node.entries.empty()) {
      problems_.add(node.at, fmt::format("key '{}' must be a group of fields with what they are compared to", path));
      return false;
    }
    bool good = true;
    for (const Node::Entry& entry : node.entries) {
      const std::string name = field.empty() ? entry.key : field + "." + entry.key;
      if (entry.value.kind == Node::Kind::map) {
        good = tests(entry.value, path, name, spec) && good;
      } else if (spec.op == Op::range) {
        good = bound(entry, path, field, spec) && good;
      } else {
        good = test(entry.value, path, name, spec) && good;
      }
    }
    return good;
  }

  bool test(const Node& value, const std::string& path, const std::string& field, ConditionSpec& spec) {
    ConditionSpec::Test test{field, "", {}};
    if (spec.op == Op::network && value.kind == Node::Kind::list) {
      for (const Node& item : value.items) {
        if (!is_value(item, path)) return false;
        test.values.push_back(item.text);
      }
    } else {
      if (!is_value(value, path)) return false;
      test.values.push_back(value.text);
    }
    spec.tests.push_back(std::move(test));
    return true;
  }

  bool bound(const Node::Entry& entry, const std::string& path, const std::string& field, ConditionSpec& spec) {
    if (std::find(kBounds.begin(), kBounds.end(), entry.key) == kBounds.end() || field.empty()) {
      problems_.add(entry.at, fmt::format("key '{}' must give bounds of a field: gt, gte, lt, lte", path));
      return false;
    }
    if (entry.value.secret && !is_value(entry.value, path)) return false;
    if (entry.value.kind != Node::Kind::scalar || !parse_number(entry.value.text)) {
      problems_.add(entry.value.at, fmt::format("key '{}.{}.{}' must be a number", path, printable(field), entry.key));
      return false;
    }
    spec.tests.push_back({field, entry.key, {entry.value.text}});
    return true;
  }

  bool is_value(const Node& node, const std::string& path) {
    if (node.secret) {  // conditions are shown as they are
      problems_.add(node.at, fmt::format("key '{}' cannot hold a secret of the keystore", path));
      return false;
    }
    if (node.kind == Node::Kind::scalar) return true;
    problems_.add(node.at, fmt::format("key '{}' must have a value here, not {}", path, kind_name(node.kind)));
    return false;
  }

  Diagnostics& problems_;
};

}  // namespace

std::optional<ConditionSpec> read_condition(const Node& node, std::string_view path, Diagnostics& problems) {
  ConditionSpec spec;
  if (!ConditionReader(problems).read(node, std::string(path), spec)) return std::nullopt;
  return spec;
}

}  // namespace acta::config
