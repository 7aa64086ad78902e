#include "app/effective_config.h"

#include <fmt/format.h>

#include "base/check.h"
#include "config/general.h"
#include "config/value.h"

namespace acta {
namespace {

using config::format_key;
using config::format_text;

Settings::Value value_of(const Option& option, const Settings& settings) {
  switch (option.type) {
    case Option::Type::text:
      return settings.text(option.key);
    case Option::Type::boolean:
      return settings.boolean(option.key);
    case Option::Type::number:
      return settings.number(option.key);
    case Option::Type::list:
      return settings.list(option.key);
    case Option::Type::map:
      return settings.map(option.key);
    case Option::Type::integer:
    case Option::Type::duration:
    case Option::Type::bytes:
      break;
  }
  return settings.integer(option.key);
}

/// Appends "key: value" for each option that has one.
void append(std::string& out, std::string_view indent, std::span<const Option> options, const Settings& settings) {
  for (const Option& option : options) {
    if (!settings.has(option.key)) continue;
    const std::string value = settings.hidden(option.key)
                                  ? format_text(kHiddenSecret)
                                  : config::format_value(option.type, value_of(option, settings));
    out += fmt::format("{}{}: {}\n", indent, option.key, value);
  }
}

std::string condition(const ConditionSpec& spec);

std::string tests(const ConditionSpec& spec) {
  std::vector<std::string> parts;
  for (const ConditionSpec::Test& test : spec.tests) {
    std::string value = test.values.empty() ? std::string() : format_text(test.values.front());
    if (test.values.size() > 1) {
      std::vector<std::string> all;
      for (const std::string& text : test.values) all.push_back(format_text(text));
      value = fmt::format("[{}]", fmt::join(all, ", "));
    }
    if (spec.op == ConditionSpec::Op::has_fields) {
      parts.push_back(format_text(test.field));
    } else if (spec.op == ConditionSpec::Op::range) {
      parts.push_back(fmt::format("{}: {}", format_key(test.field + "." + test.bound), value));
    } else {
      parts.push_back(fmt::format("{}: {}", format_key(test.field), value));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string children(const ConditionSpec& spec) {
  std::vector<std::string> parts;
  for (const ConditionSpec& child : spec.children) parts.push_back(condition(child));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// A condition in flow style.
std::string condition(const ConditionSpec& spec) {
  switch (spec.op) {
    case ConditionSpec::Op::equals:
      return fmt::format("{{equals: {{{}}}}}", tests(spec));
    case ConditionSpec::Op::contains:
      return fmt::format("{{contains: {{{}}}}}", tests(spec));
    case ConditionSpec::Op::regexp:
      return fmt::format("{{regexp: {{{}}}}}", tests(spec));
    case ConditionSpec::Op::range:
      return fmt::format("{{range: {{{}}}}}", tests(spec));
    case ConditionSpec::Op::network:
      return fmt::format("{{network: {{{}}}}}", tests(spec));
    case ConditionSpec::Op::has_fields:
      return fmt::format("{{has_fields: [{}]}}", tests(spec));
    case ConditionSpec::Op::all:
      return fmt::format("{{and: [{}]}}", children(spec));
    case ConditionSpec::Op::any:
      return fmt::format("{{or: [{}]}}", children(spec));
    case ConditionSpec::Op::none:
      return fmt::format("{{not: {}}}", children(spec));
  }
  return "";
}

const CatalogEntry& entry_of(const std::vector<CatalogEntry>& entries, std::string_view name) {
  const CatalogEntry* entry = find_entry(entries, name);
  CHECK(entry != nullptr);
  return *entry;
}

void append_inputs(std::string& out, const Config& config, const Catalog& catalog) {
  out += "actabeat.inputs:\n";
  for (const InputConfig& input : config.inputs) {
    out += fmt::format("  - type: {}\n    id: {}\n    enabled: {}\n", input.type, format_text(input.id), input.enabled);
    append(out, "    ", entry_of(catalog.inputs, input.type).options, input.settings);
  }
}

void append_processors(std::string& out, const Config& config, const Catalog& catalog) {
  if (config.processors.empty()) return;
  out += "processors:\n";
  for (const ProcessorConfig& step : config.processors) {
    std::string body;
    append(body, "      ", entry_of(catalog.processors, step.type).options, step.settings);
    if (step.when) body += fmt::format("      when: {}\n", condition(*step.when));
    out += fmt::format("  - {}:{}\n{}", step.type, body.empty() ? " {}" : "", body);
  }
}

}  // namespace

std::string effective_config(const Config& config, const Catalog& catalog) {
  std::string out;
  append(out, "", config::general_options(), config.general);
  out += "setup.kibana:\n";
  append(out, "  ", catalog.kibana, config.kibana);
  append_inputs(out, config, catalog);
  append_processors(out, config, catalog);
  for (const OutputConfig& output : config.outputs) {
    out += fmt::format("output.{}:\n", output.type);
    append(out, "  ", config::output_options(), output.settings);
    append(out, "  ", catalog.delivery, output.settings);
    append(out, "  ", entry_of(catalog.outputs, output.type).options, output.settings);
  }
  return out;
}

}  // namespace acta
