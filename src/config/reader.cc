#include "config/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "config/value.h"
#include "config/yaml.h"

namespace acta::config {
namespace {

using Type = Option::Type;

std::string joined(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

/// The text of a value in a message; never of a secret.
std::string shown(const Option& option, const Node& node) {
  return option.secret ? "the value" : quoted(node);
}

bool is_empty(const Settings::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  const auto* map = std::get_if<std::map<std::string, std::string>>(&value);
  return (text != nullptr && text->empty()) || (list != nullptr && list->empty()) || (map != nullptr && map->empty());
}

std::string format_limit(const Option& option, int64_t limit) {
  return format_value(option.type, Settings::Value(limit));
}

struct ValueReader {
  const Option& option;
  std::string_view path;
  Diagnostics& problems;

  void wrong(const Node& node, std::string_view what) const {
    problems.add(node.at, fmt::format("key '{}' must be {}, not {}", path, describe(option.type), what));
  }

  std::optional<Settings::Value> scalar(const Node& node) const {
    if (node.kind != Node::Kind::scalar) {
      wrong(node, kind_name(node.kind));
      return std::nullopt;
    }
    switch (option.type) {
      case Type::text:
        return text(node);
      case Type::boolean:
        return converted(node, parse_boolean(node.text));
      case Type::number:
        return converted(node, parse_number(node.text));
      case Type::integer:
        return in_range(node, parse_integer(node.text));
      case Type::duration:
        return in_range(node, parse_duration(node.text));
      case Type::bytes:
        return in_range(node, parse_bytes(node.text));
      case Type::list:
      case Type::map:
        break;
    }
    return std::nullopt;
  }

  std::optional<Settings::Value> text(const Node& node) const {
    if (!allowed(node)) return std::nullopt;
    return node.text;
  }

  [[nodiscard]] bool allowed(const Node& node) const {
    if (option.choices.empty() ||
        std::find(option.choices.begin(), option.choices.end(), node.text) != option.choices.end())
      return true;
    problems.add(node.at, fmt::format("key '{}' cannot be {}; it is one of: {}", path, shown(option, node),
                                      fmt::join(option.choices, ", ")));
    return false;
  }

  template <class T>
  std::optional<Settings::Value> converted(const Node& node, const std::optional<T>& value) const {
    if (!value) {
      wrong(node, shown(option, node));
      return std::nullopt;
    }
    return Settings::Value(*value);
  }

  std::optional<Settings::Value> in_range(const Node& node, std::optional<int64_t> value) const {
    if (value && *value < option.min) {
      problems.add(node.at, fmt::format("key '{}' must be at least {}, not {}", path, format_limit(option, option.min),
                                        shown(option, node)));
      return std::nullopt;
    }
    if (value && *value > option.max) {
      problems.add(node.at, fmt::format("key '{}' must be at most {}, not {}", path, format_limit(option, option.max),
                                        shown(option, node)));
      return std::nullopt;
    }
    return converted(node, value);
  }

  std::optional<Settings::Value> list(const Node& node) const {
    std::vector<std::string> values;
    if (node.kind == Node::Kind::map) {
      wrong(node, kind_name(node.kind));
      return std::nullopt;
    }
    if (node.kind == Node::Kind::scalar) {
      // What stands in a variable may be a list: a,b,c.
      std::string_view rest = node.text;
      while (node.expanded && rest.find(',') != std::string_view::npos) {
        add_trimmed(rest.substr(0, rest.find(',')), values);
        rest.remove_prefix(rest.find(',') + 1);
      }
      add_trimmed(rest, values);
      return allowed(node) ? std::optional<Settings::Value>(std::move(values)) : std::nullopt;
    }
    bool good = true;
    for (const Node& item : node.items) {
      if (item.kind != Node::Kind::scalar) {
        problems.add(item.at,
                     fmt::format("key '{}' must be a list of values; this entry is {}", path, kind_name(item.kind)));
        good = false;
      } else if (allowed(item)) {
        values.push_back(item.text);
      } else {
        good = false;
      }
    }
    return good ? std::optional<Settings::Value>(std::move(values)) : std::nullopt;
  }

  static void add_trimmed(std::string_view text, std::vector<std::string>& into) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (!text.empty()) into.emplace_back(text);
  }

  std::optional<Settings::Value> map(const Node& node) const {
    if (node.kind != Node::Kind::map) {
      wrong(node, node.kind == Node::Kind::scalar ? shown(option, node) : std::string(kind_name(node.kind)));
      return std::nullopt;
    }
    std::map<std::string, std::string> values;
    if (!flatten(node, "", values)) return std::nullopt;
    return values;
  }

  bool flatten(const Node& node, const std::string& prefix, std::map<std::string, std::string>& into) const {
    bool good = true;
    for (const Node::Entry& entry : node.entries) {
      const std::string key = joined(prefix, entry.key);
      if (entry.value.kind == Node::Kind::map) {
        good = flatten(entry.value, key, into) && good;
      } else if (entry.value.kind == Node::Kind::scalar) {
        into[key] = entry.value.text;
      } else {
        problems.add(entry.value.at, fmt::format("key '{}.{}' must be a value, not {}", path, printable(key),
                                                 kind_name(entry.value.kind)));
        good = false;
      }
    }
    return good;
  }
};

class GroupReader {
 public:
  GroupReader(const ReadRequest& request, Settings& settings, Diagnostics& problems)
      : request_(request), settings_(settings), problems_(problems) {}

  void read(const Node& group, const std::string& inside) {
    for (const Node::Entry& entry : group.entries) {
      const std::string key = joined(inside, entry.key);
      if (std::find(request_.others.begin(), request_.others.end(), key) != request_.others.end()) continue;
      if (const Option* option = find_option(key)) {
        set(*option, entry.value);
      } else if (!is_group(key)) {
        unknown(entry, key);
      } else if (entry.value.kind == Node::Kind::map) {
        read(entry.value, key);
      } else if (entry.value.kind != Node::Kind::null) {
        problems_.add(entry.value.at, fmt::format("key '{}' must be a group of settings, not {}",
                                                  printable(joined(request_.path, key)), kind_name(entry.value.kind)));
      }
    }
  }

  void defaults(const Location& at) {
    for (const Option& option : request_.options) {
      if (settings_.has(option.key) || failed(option.key)) continue;
      if (!option.fallback.empty()) {
        set(option, parsed_fallback(option));
        CHECK(settings_.has(option.key));
      } else if (option.required && request_.require) {
        problems_.add(at, fmt::format("key '{}' is missing: {}", joined(request_.path, option.key), option.help));
      }
    }
  }

 private:
  [[nodiscard]] const Option* find_option(std::string_view key) const {
    for (const Option& option : request_.options) {
      if (option.key == key) return &option;
    }
    return nullptr;
  }

  [[nodiscard]] bool is_group(std::string_view key) const {
    const auto below = [&](std::string_view full) {
      return full.size() > key.size() && full.starts_with(key) && full[key.size()] == '.';
    };
    return std::any_of(request_.options.begin(), request_.options.end(),
                       [&](const Option& option) { return below(option.key); }) ||
           std::any_of(request_.others.begin(), request_.others.end(), below);
  }

  [[nodiscard]] bool failed(std::string_view key) const {
    return std::find(failed_.begin(), failed_.end(), key) != failed_.end();
  }

  void set(const Option& option, const Node& node) {
    if (node.unresolved) failed_.push_back(option.key);
    if (node.kind == Node::Kind::null) return;
    auto value = read_value(node, option, joined(request_.path, option.key), problems_);
    if (value && option.required && request_.require && is_empty(*value)) {
      problems_.add(node.at,
                    fmt::format("key '{}' must not be empty: {}", joined(request_.path, option.key), option.help));
      value.reset();
    }
    if (value) {
      settings_.set(std::string(option.key), *std::move(value));
      if (option.secret || node.holds_secret()) settings_.hide(option.key);
    } else {
      failed_.push_back(option.key);
    }
  }

  Node parsed_fallback(const Option& option) {
    Node node;
    CHECK(parse_yaml(option.key, option.fallback, false, node, problems_));
    return node;
  }

  void unknown(const Node::Entry& entry, const std::string& key) {
    std::string hint;
    if (problems_.size() < Diagnostics::kShownMax) {
      std::vector<std::string_view> known(request_.others.begin(), request_.others.end());
      for (const Option& option : request_.options) known.push_back(option.key);
      // A mistake may lie in a group's name as well: compare with the groups of the same depth.
      std::vector<std::string_view> groups;
      for (const std::string_view full : known) {
        for (size_t dot = full.find('.'); dot != std::string_view::npos; dot = full.find('.', dot + 1))
          groups.push_back(full.substr(0, dot));
      }
      if (entry.value.kind == Node::Kind::map) known.insert(known.begin(), groups.begin(), groups.end());
      hint = did_you_mean(key, known);
      if (hint.empty() && known.empty()) hint = "; it has no settings";
    }
    problems_.add(entry.at, fmt::format("key '{}' is not known{}", printable(joined(request_.path, key)), hint));
  }

  const ReadRequest& request_;
  Settings& settings_;
  Diagnostics& problems_;
  std::vector<std::string_view> failed_;
};

}  // namespace

std::optional<Settings::Value> read_value(const Node& node, const Option& option, std::string_view path,
                                          Diagnostics& problems) {
  const ValueReader reader{option, path, problems};
  if (option.type == Type::list) return reader.list(node);
  if (option.type == Type::map) return reader.map(node);
  return reader.scalar(node);
}

void read_settings(const Node& group, const ReadRequest& request, Settings& settings, Diagnostics& problems) {
  GroupReader reader(request, settings, problems);
  reader.read(group, "");
  reader.defaults(group.at);
}

}  // namespace acta::config
