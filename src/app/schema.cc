#include "app/schema.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "config/general.h"
#include "config/value.h"
#include "event/encoder.h"

namespace acta {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

/// Options as the tree that their dotted keys make. A leaf holds JSON already.
struct Tree {
  std::string leaf;
  std::map<std::string, std::unique_ptr<Tree>, std::less<>> below;
  std::vector<std::string> required;

  Tree& at(std::string_view path) {
    Tree* tree = this;
    while (!path.empty()) {
      const size_t dot = path.find('.');
      auto& next = tree->below[std::string(path.substr(0, dot))];
      if (!next) next = std::make_unique<Tree>();
      tree = next.get();
      path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return *tree;
  }
};

std::string_view json_type(Option::Type type) {
  switch (type) {
    case Option::Type::integer:
      return R"("type":["integer","string"])";
    case Option::Type::boolean:
      return R"("type":["boolean","string"])";
    case Option::Type::number:
      return R"("type":["number","string"])";
    case Option::Type::list:
      return R"("type":["array","string"],"items":{"type":["string","number","boolean"]})";
    case Option::Type::map:
      return R"("type":"object")";
    case Option::Type::text:
    case Option::Type::duration:
    case Option::Type::bytes:
      break;
  }
  return R"("type":["string","number"])";
}

/// Values may be references to variables, so every scalar may be a string.
std::string schema_of(const Option& option) {
  std::string out = fmt::format("{{{},\"description\":{}", json_type(option.type), quoted(option.help));
  if (!option.fallback.empty()) out += fmt::format(",\"x-default\":{}", quoted(option.fallback));
  if (!option.choices.empty()) {
    out += ",\"examples\":[";
    for (size_t i = 0; i < option.choices.size(); ++i) out += (i > 0 ? "," : "") + quoted(option.choices[i]);
    out += ']';
  }
  if (option.type == Option::Type::integer && option.min != INT64_MIN)
    out += fmt::format(",\"minimum\":{}", option.min);
  if (option.type == Option::Type::integer && option.max != INT64_MAX)
    out += fmt::format(",\"maximum\":{}", option.max);
  return out + "}";
}

std::string render(const Tree& tree) {
  if (!tree.leaf.empty()) return tree.leaf;
  std::string out = R"({"type":"object","properties":{)";
  bool first = true;
  for (const auto& [key, below] : tree.below) {
    out += (first ? "" : ",\n") + quoted(key) + ":" + render(*below);
    first = false;
  }
  out += R"(},"patternProperties":{"\\.":{}},"additionalProperties":false)";
  if (!tree.required.empty()) {
    out += ",\"required\":[";
    for (size_t i = 0; i < tree.required.size(); ++i) out += (i > 0 ? "," : "") + quoted(tree.required[i]);
    out += ']';
  }
  return out + "}";
}

void add(Tree& tree, std::span<const Option> options) {
  for (const Option& option : options) tree.at(option.key).leaf = schema_of(option);
}

/// One schema for each entry, told apart by its type.
std::string any_of(const std::vector<CatalogEntry>& entries, std::span<const Option> common) {
  std::string out = "{\"anyOf\":[";
  for (size_t i = 0; i < entries.size(); ++i) {
    Tree tree;
    add(tree, common);
    add(tree, entries[i].options);
    tree.at("type").leaf =
        fmt::format("{{\"const\":{},\"description\":{}}}", quoted(entries[i].name), quoted(entries[i].summary));
    tree.required.emplace_back("type");
    out += (i > 0 ? ",\n" : "\n") + render(tree);
  }
  return out + "]}";
}

std::string processor_list(const std::vector<CatalogEntry>& entries) {
  Tree tree;
  for (const CatalogEntry& entry : entries) {
    Tree& step = tree.at(entry.name);
    add(step, entry.options);
    step.at("when").leaf = R"({"type":"object","minProperties":1,"maxProperties":1})";
  }
  return R"({"type":"array","items":)" + render(tree) + "}";
}

}  // namespace

std::string config_schema(const Catalog& catalog) {
  Tree root;
  add(root, config::general_options());
  root.at("actabeat.inputs").leaf =
      R"({"type":"array","minItems":1,"items":)" + any_of(catalog.inputs, config::input_options()) + "}";
  root.at("processors").leaf = processor_list(catalog.processors);
  add(root.at("setup.kibana"), catalog.kibana);
  for (const CatalogEntry& entry : catalog.outputs) {
    Tree& output = root.at(fmt::format("output.{}", entry.name));
    add(output, config::output_options());
    add(output, catalog.delivery);
    add(output, entry.options);
  }
  std::string body = render(root);
  body.insert(1, R"("$schema":"https://json-schema.org/draft/2020-12/schema","title":"actabeat configuration",)"
                 "\n");
  return body + "\n";
}

}  // namespace acta
