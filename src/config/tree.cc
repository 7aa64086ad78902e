#include "config/tree.h"

#include <fmt/format.h>

#include <unordered_set>

#include "config/yaml.h"

namespace acta::config {
namespace {

Node* find(Node& map, std::string_view key) {
  for (Node::Entry& entry : map.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

class Merger {
 public:
  explicit Merger(Diagnostics& problems) : problems_(problems) {}

  Node merge(Node node, const std::string& path, int depth) {
    for (size_t i = 0; i < node.items.size(); ++i) {
      node.items[i] = merge(std::move(node.items[i]), fmt::format("{}.{}", path, i), depth + 1);
    }
    if (node.kind != Node::Kind::map) return node;
    Node merged;
    merged.kind = Node::Kind::map;
    merged.at = node.at;
    std::unordered_set<std::string> spelled;
    for (Node::Entry& entry : node.entries) {
      if (!spelled.insert(entry.key).second) {
        problems_.add(entry.at, fmt::format("key '{}' is set twice", printable(joined(path, entry.key))));
        continue;
      }
      insert(merged, std::move(entry), path, depth);
    }
    return merged;
  }

 private:
  /// Puts an entry with a dotted key where it belongs below `map`.
  void insert(Node& map, Node::Entry entry, const std::string& path, int depth) {
    const size_t dot = entry.key.find('.');
    const std::string key = entry.key.substr(0, dot);
    const std::string here = joined(path, key);
    if (key.empty() || dot + 1 == entry.key.size()) {
      problems_.add(entry.at, fmt::format("key '{}' has an empty part", printable(joined(path, entry.key))));
      return;
    }
    if (depth >= kDepthMax) {
      problems_.add(entry.at, fmt::format("nested deeper than {} levels", kDepthMax));
      return;
    }
    if (dot == std::string::npos) {
      Node value = merge(std::move(entry.value), here, depth + 1);
      if (Node* there = find(map, key)) {
        unite(*there, std::move(value), entry.at, here);
      } else {
        map.entries.push_back({key, entry.at, std::move(value)});
      }
      return;
    }
    Node* there = find(map, key);
    if (there == nullptr) {
      Node group;
      group.kind = Node::Kind::map;
      group.at = entry.at;
      map.entries.push_back({key, entry.at, std::move(group)});
      there = &map.entries.back().value;
    }
    if (there->kind == Node::Kind::null) there->kind = Node::Kind::map;
    if (there->kind != Node::Kind::map) return twice(here, entry.at, *there);
    entry.key.erase(0, dot + 1);
    insert(*there, std::move(entry), here, depth + 1);
  }

  void unite(Node& there, Node value, const Location& at, const std::string& path) {
    if (value.kind == Node::Kind::null && there.kind == Node::Kind::map) return;
    if (there.kind != Node::Kind::map || value.kind != Node::Kind::map) return twice(path, at, there);
    for (Node::Entry& entry : value.entries) {
      if (Node* same = find(there, entry.key)) {
        unite(*same, std::move(entry.value), entry.at, joined(path, entry.key));
      } else {
        there.entries.push_back(std::move(entry));
      }
    }
  }

  void twice(const std::string& path, const Location& at, const Node& first) {
    const std::string before = first.at.line > 0 ? fmt::format(", first in line {}", first.at.line) : std::string();
    problems_.add(at, fmt::format("key '{}' is set twice{}", printable(path), before));
  }

  Diagnostics& problems_;
};

void overlay(Node& there, Node value) {
  if (there.kind != Node::Kind::map || value.kind != Node::Kind::map) {
    there = std::move(value);
    return;
  }
  for (Node::Entry& entry : value.entries) {
    if (Node* same = find(there, entry.key)) {
      overlay(*same, std::move(entry.value));
    } else {
      there.entries.push_back(std::move(entry));
    }
  }
}

}  // namespace

Node merge_keys(Node node, Diagnostics& problems) {
  return Merger(problems).merge(std::move(node), "", 0);
}

void apply_override(Node& root, const std::string& assignment, std::deque<std::string>& sources,
                    Diagnostics& problems) {
  const size_t equals = assignment.find('=');
  const std::string key = assignment.substr(0, equals);
  const std::string& source = sources.emplace_back("-E " + printable(key));
  const Location at{source, 0, 0};
  if (equals == std::string::npos || key.empty()) {
    problems.add(at, "an override is written key=value");
    return;
  }
  Node value;
  if (!parse_yaml(source, std::string_view(assignment).substr(equals + 1), false, value, problems)) return;
  Node wrapped;
  wrapped.kind = Node::Kind::map;
  wrapped.at = at;
  wrapped.entries.push_back({key, at, std::move(value)});
  if (root.kind == Node::Kind::null) root.kind = Node::Kind::map;
  overlay(root, merge_keys(std::move(wrapped), problems));
}

}  // namespace acta::config
