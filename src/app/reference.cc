#include "app/reference.h"

#include <fmt/format.h>

#include "app/field_list.h"
#include "config/general.h"
#include "config/value.h"

namespace acta {
namespace {

constexpr size_t kColumns = 110;  // of comments

/// Appends `text` as comment lines.
void append_comment(std::string& out, std::string_view indent, std::string_view text) {
  std::string line;
  const auto end_line = [&] {
    if (!line.empty()) out += fmt::format("{}#{}\n", indent, line);
    line.clear();
  };
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (indent.size() + line.size() + word.size() + 2 > kColumns) end_line();
    line += fmt::format(" {}", word);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  end_line();
}

/// "From 1 to 10.", "At least 1s.", "One of: a, b." after the help.
std::string limits(const Option& option) {
  std::string out;
  if (!option.choices.empty()) out += fmt::format(" One of: {}.", fmt::join(option.choices, ", "));
  const auto shown = [&](int64_t limit) { return config::format_value(option.type, Settings::Value(limit)); };
  const bool low = option.min != INT64_MIN;
  const bool high = option.max != INT64_MAX;
  if (low && high) out += fmt::format(" From {} to {}.", shown(option.min), shown(option.max));
  if (low && !high) out += fmt::format(" At least {}.", shown(option.min));
  if (!low && high) out += fmt::format(" At most {}.", shown(option.max));
  return out;
}

std::string example_of(const Option& option) {
  if (!option.fallback.empty()) return std::string(option.fallback);
  switch (option.type) {
    case Option::Type::list:
      return "[]";
    case Option::Type::map:
      return "{}";
    default:
      return "\"\"";
  }
}

void append_options(std::string& out, std::string_view indent, std::span<const Option> options) {
  for (const Option& option : options) {
    append_comment(out, indent,
                   fmt::format("{}{}{}", option.help, limits(option), option.required ? " Required." : ""));
    out += fmt::format("{}#{}: {}\n", indent, option.key, example_of(option));
  }
}

void append_yml_components(std::string& out, const Catalog& catalog) {
  out += "\n# Where records come from.\n#actabeat.inputs:\n";
  for (const CatalogEntry& entry : catalog.inputs) {
    append_comment(out, "  ", entry.summary);
    out += fmt::format("  #- type: {}\n", entry.name);
    append_options(out, "    ", config::input_options().subspan(1));
    append_options(out, "    ", entry.options);
  }
  out += "\n# What refines or drops events, in this order. Each may have a `when`.\n#processors:\n";
  for (const CatalogEntry& entry : catalog.processors) {
    append_comment(out, "  ", entry.summary);
    out += fmt::format("  #- {}:\n", entry.name);
    append_options(out, "      ", entry.options);
  }
  out += "\n# Where documents go; several at once.\n";
  for (const CatalogEntry& entry : catalog.outputs) {
    append_comment(out, "", entry.summary);
    out += fmt::format("#output.{}:\n", entry.name);
    append_options(out, "  ", config::output_options());
    append_options(out, "  ", entry.options);
    append_options(out, "  ", catalog.delivery);
  }
}

/// Text in a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

void append_table(std::string& out, std::span<const Option> options) {
  if (options.empty()) {
    out += "It has no options.\n";
    return;
  }
  out += "| option | type | default | |\n|---|---|---|---|\n";
  for (const Option& option : options) {
    const std::string fallback =
        option.fallback.empty() ? (option.required ? "required" : "") : fmt::format("`{}`", option.fallback);
    out += fmt::format("| `{}` | {} | {} | {} |\n", option.key, config::type_name(option.type), cell(fallback),
                       cell(option.help) + limits(option));
  }
}

constexpr std::string_view kGenerated = "Generated from the option tables of the source code; do not edit.\n";

std::string page(std::string_view title, std::string_view intro, const std::vector<CatalogEntry>& entries) {
  std::string out = fmt::format("# {}\n\n{}{}", title, kGenerated, intro);
  for (const CatalogEntry& entry : entries) {
    out += fmt::format("\n## {}\n\n{}\n\n", entry.name, entry.summary);
    append_table(out, entry.options);
  }
  return out;
}

std::string general_page(std::span<const Option> kibana) {
  std::string out = fmt::format(
      "# General options\n\n{}Keys may be dotted or nested. `${{NAME}}` and `${{NAME:default}}` in a value stand for "
      "environment "
      "variables, `$${{` for `${{`\nitself; `-E key=value` overrides. Durations: `1h30m`, `200ms`, a bare number is "
      "seconds. Bytes: "
      "`10MB`, `64KiB` (powers of 1024), a\nbare number is bytes.\n\n",
      kGenerated);
  append_table(out, config::general_options());
  out += "\n## setup.kibana\n\nWhere `actabeat setup --dashboards` goes: Kibana or OpenSearch Dashboards.\n\n";
  append_table(out, kibana);
  return out;
}

std::string inputs_page(const Catalog& catalog) {
  std::string common = "\n## Of every input\n\n";
  append_table(common, config::input_options());
  return page("Inputs", common, catalog.inputs);
}

std::string outputs_page(const Catalog& catalog) {
  std::string common = "\n## Of every output\n\n";
  std::vector<Option> options(config::output_options().begin(), config::output_options().end());
  options.insert(options.end(), catalog.delivery.begin(), catalog.delivery.end());
  append_table(common, options);
  return page("Outputs", common, catalog.outputs);
}

std::string processors_page(const Catalog& catalog) {
  const std::string_view conditions =
      "\nProcessors run in the order of the list `processors`. Each may have a `when`: one condition of\n\n"
      "| condition | holds when |\n|---|---|\n"
      "| `equals: {field: value}` | the field is the value: text, integer, true or false |\n"
      "| `contains: {field: text}` | the text occurs in the field |\n"
      "| `regexp: {field: pattern}` | the pattern ([RE2](https://github.com/google/re2/wiki/Syntax)) matches somewhere "
      "in the field |\n"
      "| `range: {field: {gte: 1, lt: 10}}` | the number is within: `gt`, `gte`, `lt`, `lte` |\n"
      "| `network: {field: [10.0.0.0/8, private]}` | the address is in one of the networks; by name: `loopback`, "
      "`unspecified`, "
      "`private`, `public`, `unicast`, `link_local_unicast`, `multicast`, `link_local_multicast`, "
      "`interface_local_multicast` |\n"
      "| `has_fields: [field]` | the event has all of the fields, or one below a group |\n"
      "| `and: [...]`, `or: [...]`, `not: {...}` | all, one, or none of the conditions hold |\n\n"
      "Fields are those of the [field list](fields.md), and keys below objects: `auditd.data.syscall`. Of a list, one "
      "entry that "
      "fits is enough.\n";
  return page("Processors", conditions, catalog.processors);
}

}  // namespace

std::string reference_yml(const Catalog& catalog) {
  std::string out =
      "# Every option of actabeat with its default. Generated from the source code; do not edit: copy from it.\n"
      "# Keys may be dotted or nested. ${NAME} and ${NAME:default} stand for environment variables.\n\n";
  append_options(out, "", config::general_options());
  out += "\n# Where 'actabeat setup --dashboards' goes: Kibana or OpenSearch Dashboards.\n#setup.kibana:\n";
  append_options(out, "  ", catalog.kibana);
  append_yml_components(out, catalog);
  return out;
}

std::vector<GeneratedFile> reference_files(const Catalog& catalog) {
  return {
      {"config/reference.yml", reference_yml(catalog)},     {"docs/reference/general.md", general_page(catalog.kibana)},
      {"docs/reference/inputs.md", inputs_page(catalog)},   {"docs/reference/processors.md", processors_page(catalog)},
      {"docs/reference/outputs.md", outputs_page(catalog)}, {"docs/reference/fields.md", fields_markdown()}};
}

}  // namespace acta
