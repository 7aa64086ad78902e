#include "config/loader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>

#include "base/check.h"
#include "config/condition_reader.h"
#include "config/diagnostics.h"
#include "config/general.h"
#include "config/keystore_variables.h"
#include "config/permissions.h"
#include "config/reader.h"
#include "config/tree.h"
#include "config/value.h"
#include "config/yaml.h"

namespace acta {
namespace {

using config::Diagnostics;
using config::Location;
using config::Node;

// Keys that are no general options; below them are components.
constexpr std::array<std::string_view, 4> kComponentKeys{"actabeat.inputs", "output", "processors", "setup.kibana"};

/// Keys that a user of Beats may bring along, and what stands in their place.
struct Foreign {
  std::string_view key, instead;
};
constexpr std::array<Foreign, 7> kForeign{{
    {"auditbeat", "inputs are listed below 'actabeat.inputs'"},
    {"filebeat", "inputs are listed below 'actabeat.inputs'"},
    {"tags", "use the processor add_fields"},
    {"fields", "use the processor add_fields"},
    {"fields_under_root", "use the processor add_fields"},
    {"queue.mem.flush", "batches go as soon as the inputs have nothing more"},
    {"path.home", "paths are taken as they are written; see path.data and path.logs"},
}};

std::vector<std::string_view> names_of(const std::vector<CatalogEntry>& entries) {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : entries) names.push_back(entry.name);
  return names;
}

std::string list_of(const std::vector<CatalogEntry>& entries) {
  return entries.empty() ? "none" : fmt::format("{}", fmt::join(names_of(entries), ", "));
}

std::string hint(std::string_view name, const std::vector<CatalogEntry>& entries) {
  const std::string nearest_name = did_you_mean(name, names_of(entries));
  return nearest_name.empty() ? ";" : nearest_name;
}

/// Takes the entry at a dotted path away.
void erase_path(Node& node, std::string_view path) {
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    std::erase_if(node.entries, [&](const Node::Entry& entry) { return entry.key == path; });
    return;
  }
  for (Node::Entry& entry : node.entries) {
    if (entry.key == path.substr(0, dot)) erase_path(entry.value, path.substr(dot + 1));
  }
}

/// A table and the common options of its kind, as one.
std::vector<Option> with_common(std::span<const Option> own, std::span<const Option> common) {
  std::vector<Option> all(common.begin(), common.end());
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

class Loader {
 public:
  Loader(const Catalog& catalog, Diagnostics& problems) : catalog_(catalog), problems_(problems) {}

  Config load(const Node& root) {
    if (root.kind != Node::Kind::map && root.kind != Node::Kind::null) {
      problems_.add(root.at, fmt::format("must be a group of settings, not {}", kind_name(root.kind)));
      return {};
    }
    Node known = root;
    take_foreign(known);
    read_settings(known, {.options = config::general_options(), .path = "", .others = kComponentKeys}, config_.general,
                  problems_);
    read_inputs(root);
    read_processors(root);
    read_outputs(root);
    read_kibana(root);
    if (problems_.empty()) config::apply_general(config_);
    return std::move(config_);
  }

 private:
  void take_foreign(Node& root) {
    for (const Foreign& foreign : kForeign) {
      const Node* found = find_path(root, foreign.key);
      if (found == nullptr) continue;
      problems_.add(found->at, fmt::format("key '{}' is not known; {}", foreign.key, foreign.instead));
      erase_path(root, foreign.key);
    }
  }

  void read_inputs(const Node& root) {
    const Node* list = find_path(root, "actabeat.inputs");
    if (list == nullptr || list->kind == Node::Kind::null) {
      problems_.add(root.at, "key 'actabeat.inputs' is missing: list at least one input, by its type: " +
                                 list_of(catalog_.inputs));
      return;
    }
    if (list->kind != Node::Kind::list) {
      problems_.add(list->at,
                    fmt::format("key 'actabeat.inputs' must be a list of inputs, not {}", kind_name(list->kind)));
      return;
    }
    for (size_t i = 0; i < list->items.size(); ++i) read_input(list->items[i], fmt::format("actabeat.inputs.{}", i));
    if (problems_.empty() &&
        std::none_of(config_.inputs.begin(), config_.inputs.end(), [](const InputConfig& in) { return in.enabled; })) {
      problems_.add(list->at, "key 'actabeat.inputs' has no input that is enabled");
    }
  }

  void read_input(const Node& node, const std::string& path) {
    const Node* type = node.kind == Node::Kind::map ? node.find("type") : nullptr;
    if (type == nullptr || type->kind != Node::Kind::scalar) {
      problems_.add(node.at, fmt::format("key '{}' must be a group of settings with a 'type': {}", path,
                                         list_of(catalog_.inputs)));
      return;
    }
    const CatalogEntry* entry = find_entry(catalog_.inputs, type->text);
    if (entry == nullptr) {
      problems_.add(type->at, fmt::format("input type {} is not known{} known: {}", config::quoted(*type),
                                          hint(type->text, catalog_.inputs), list_of(catalog_.inputs)));
      return;
    }
    InputConfig input{
        .id = type->text, .type = type->text, .enabled = enabled(node), .settings = {}, .where = to_string(node.at)};
    const std::vector<Option> options = with_common(entry->options, config::input_options());
    read_settings(node, {.options = options, .path = path, .require = input.enabled}, input.settings, problems_);
    if (input.settings.has("id") && !input.settings.text("id").empty()) input.id = input.settings.text("id");
    check_id(input, node);
    config_.inputs.push_back(std::move(input));
  }

  void check_id(const InputConfig& input, const Node& node) {
    if (input.settings.hidden("id")) {
      problems_.add(node.at, "an input's id is in every document: it cannot come from the keystore");
      return;
    }
    for (const InputConfig& other : config_.inputs) {
      if (other.id != input.id) continue;
      problems_.add(node.at,
                    fmt::format("two inputs have the id '{}' (the other is at {}); give each an 'id' of its own",
                                config::printable(input.id), other.where));
      return;
    }
    const auto good = [](unsigned char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
             c == '.';
    };
    if (input.id.empty() || input.id.size() > 64 || input.id[0] == '.' ||
        !std::all_of(input.id.begin(), input.id.end(), good)) {
      problems_.add(
          node.at, fmt::format("input id '{}' must be 1 to 64 letters, digits, '_', '-' or '.', and not begin with '.'",
                               config::printable(input.id)));
    }
  }

  /// `enabled` of a component before its options are read; what is no boolean counts as true and is told by
  /// read_settings.
  bool enabled(const Node& node) const {
    const Node* value = node.find("enabled");
    return value == nullptr || value->kind != Node::Kind::scalar || config::parse_boolean(value->text).value_or(true);
  }

  void read_processors(const Node& root) {
    const Node* list = root.find("processors");
    if (list == nullptr || list->kind == Node::Kind::null) return;
    if (list->kind != Node::Kind::list) {
      problems_.add(list->at,
                    fmt::format("key 'processors' must be a list of processors, not {}", kind_name(list->kind)));
      return;
    }
    for (size_t i = 0; i < list->items.size(); ++i) read_processor(list->items[i], fmt::format("processors.{}", i));
  }

  void read_processor(const Node& node, const std::string& path) {
    if (node.kind != Node::Kind::map || node.entries.size() != 1) {
      problems_.add(node.at, fmt::format("key '{}' must be one processor with its settings: {}", path,
                                         list_of(catalog_.processors)));
      return;
    }
    const Node::Entry& step = node.entries.front();
    const CatalogEntry* entry = find_entry(catalog_.processors, step.key);
    if (entry == nullptr) {
      problems_.add(step.at, fmt::format("processor '{}' is not known{} known: {}", config::printable(step.key),
                                         hint(step.key, catalog_.processors), list_of(catalog_.processors)));
      return;
    }
    const std::string here = path + "." + step.key;
    if (step.value.kind != Node::Kind::map && step.value.kind != Node::Kind::null) {
      problems_.add(step.value.at,
                    fmt::format("key '{}' must be a group of settings, not {}", here, kind_name(step.value.kind)));
      return;
    }
    ProcessorConfig processor{.type = step.key, .settings = {}, .when = {}, .where = to_string(step.at)};
    constexpr std::array<std::string_view, 1> kWhen{"when"};
    read_settings(step.value, {.options = entry->options, .path = here, .others = kWhen}, processor.settings,
                  problems_);
    if (const Node* when = step.value.find("when"))
      processor.when = config::read_condition(*when, here + ".when", problems_);
    config_.processors.push_back(std::move(processor));
  }

  void read_outputs(const Node& root) {
    const Node* group = root.find("output");
    if (group == nullptr || group->kind == Node::Kind::null) {
      problems_.add(root.at, "key 'output' is missing: configure at least one output: " + list_of(catalog_.outputs));
      return;
    }
    if (group->kind != Node::Kind::map) {
      problems_.add(group->at, fmt::format("key 'output' must be a group of outputs, not {}", kind_name(group->kind)));
      return;
    }
    for (const Node::Entry& entry : group->entries) read_output(entry);
    if (problems_.empty() && std::none_of(config_.outputs.begin(), config_.outputs.end(),
                                          [](const OutputConfig& out) { return out.enabled; })) {
      problems_.add(group->at, "key 'output' has no output that is enabled");
    }
  }

  void read_output(const Node::Entry& written) {
    const CatalogEntry* entry = find_entry(catalog_.outputs, written.key);
    if (entry == nullptr) {
      problems_.add(written.at, fmt::format("output '{}' is not known{} known: {}", config::printable(written.key),
                                            hint(written.key, catalog_.outputs), list_of(catalog_.outputs)));
      return;
    }
    const std::string path = "output." + written.key;
    if (written.value.kind != Node::Kind::map && written.value.kind != Node::Kind::null) {
      problems_.add(written.value.at,
                    fmt::format("key '{}' must be a group of settings, not {}", path, kind_name(written.value.kind)));
      return;
    }
    OutputConfig output{
        .type = written.key, .enabled = enabled(written.value), .settings = {}, .where = to_string(written.at)};
    std::vector<Option> options = with_common(entry->options, config::output_options());
    options.insert(options.end(), catalog_.delivery.begin(), catalog_.delivery.end());
    read_settings(written.value, {.options = options, .path = path, .require = output.enabled}, output.settings,
                  problems_);
    check_backoff(output.settings, path, written.at);
    config_.outputs.push_back(std::move(output));
  }

  void read_kibana(const Node& root) {
    Node none;
    none.kind = Node::Kind::map;
    none.at = root.at;
    const Node* group = find_path(root, "setup.kibana");
    if (group == nullptr || group->kind == Node::Kind::null) group = &none;
    config_.kibana_where = to_string(group->at);
    if (group->kind != Node::Kind::map) {
      problems_.add(group->at,
                    fmt::format("key 'setup.kibana' must be a group of settings, not {}", kind_name(group->kind)));
      return;
    }
    read_settings(*group, {.options = catalog_.kibana, .path = "setup.kibana"}, config_.kibana, problems_);
  }

  void check_backoff(const Settings& settings, const std::string& path, const Location& at) {
    constexpr std::string_view kInit = "backoff.init", kMax = "backoff.max";
    if (!settings.has(kInit) || !settings.has(kMax) || settings.duration(kInit) <= settings.duration(kMax)) return;
    problems_.add(at, fmt::format("key '{0}.{1}' ({2}) must not be more than '{0}.{3}' ({4})", path, kInit,
                                  config::format_duration(settings.duration(kInit)), kMax,
                                  config::format_duration(settings.duration(kMax))));
  }

  const Catalog& catalog_;
  Diagnostics& problems_;
  Config config_;
};

}  // namespace

namespace {

/// What a file and the overrides say, before variables are put in. Nodes point into `sources`.
struct Written {
  Node root;
  std::deque<std::string> sources;
  Diagnostics problems;
};

/// False when it is no YAML.
bool read(const std::string& name, std::string_view text, const LoadOptions& options, Written& into) {
  if (!config::parse_yaml(name, text, true, into.root, into.problems)) return false;
  into.root = config::merge_keys(std::move(into.root), into.problems);
  for (const std::string& assignment : options.overrides)
    config::apply_override(into.root, assignment, into.sources, into.problems);
  return true;
}

Result<Config> check(Written& written, const VariableLookup& variables, const Catalog& catalog) {
  config::expand_variables(written.root, variables, written.problems);
  Config loaded = Loader(catalog, written.problems).load(written.root);
  if (!written.problems.empty()) return tl::unexpected(written.problems.error());
  return loaded;
}

Result<std::string> read_text(Fs& fs, const std::string& path, bool strict_perms) {
  auto file = fs.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  const auto stat = (*file)->stat();
  if (!stat) return tl::unexpected(stat.error());
  if (stat->directory) return fail(Errc::config, path + " is a directory, not a configuration file");
  if (strict_perms) {
    if (auto allowed = config::check_permissions(path, *stat, geteuid()); !allowed)
      return tl::unexpected(allowed.error());
  }
  std::string text(config::kFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const auto n = (*file)->read_at(size, text.data() + size, text.size() - size);
    if (!n) return tl::unexpected(n.error());
    if (*n == 0) break;
    size += *n;
  }
  text.resize(size);
  return text;
}

}  // namespace

Result<Config> parse_config(const std::string& name, std::string_view text, const Catalog& catalog,
                            const LoadOptions& options) {
  Written written;
  if (!read(name, text, options, written)) return tl::unexpected(written.problems.error());
  return check(written, options.variables, catalog);
}

Result<Config> load_config(Fs& fs, const std::string& path, const Catalog& catalog, const LoadOptions& options) {
  const auto text = read_text(fs, path, options.strict_perms);
  if (!text) return tl::unexpected(text.error());
  Written written;
  if (!read(path, *text, options, written)) return tl::unexpected(written.problems.error());
  config::KeystoreVariables variables(fs, config::keystore_path(written.root, options.variables), options.variables);
  return check(
      written, [&](std::string_view name) { return variables.find(name); }, catalog);
}

Result<std::string> find_keystore(Fs& fs, const std::string& path, const LoadOptions& options) {
  const auto text = read_text(fs, path, options.strict_perms);
  if (!text) return tl::unexpected(text.error());
  Written written;
  std::string found;
  if (read(path, *text, options, written)) found = config::keystore_path(written.root, options.variables);
  if (!written.problems.empty()) return tl::unexpected(written.problems.error());
  if (found.empty()) return fail(Errc::config, path + ": a variable in keystore.path or path.data is not set");
  return found;
}

Result<Settings> make_settings(std::span<const Option> options, const std::map<std::string, std::string>& given) {
  Diagnostics problems;
  Node group;
  group.kind = Node::Kind::map;
  group.at = Location{"given", 0, 0};
  for (const auto& [key, text] : given) {
    Node value;
    if (config::parse_yaml("given", text, false, value, problems))
      group.entries.push_back({key, group.at, std::move(value)});
  }
  Settings settings;
  read_settings(config::merge_keys(std::move(group), problems), {.options = options, .path = ""}, settings, problems);
  if (!problems.empty()) return tl::unexpected(problems.error());
  return settings;
}

}  // namespace acta
