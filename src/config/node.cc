#include "config/node.h"

#include <fmt/format.h>

#include <algorithm>

namespace acta::config {

std::string to_string(const Location& at) {
  if (at.line == 0) return std::string(at.source);
  return fmt::format("{}:{}:{}", at.source, at.line, at.column);
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

bool Node::holds_secret() const {
  return secret || std::any_of(items.begin(), items.end(), [](const Node& item) { return item.holds_secret(); }) ||
         std::any_of(entries.begin(), entries.end(), [](const Entry& entry) { return entry.value.holds_secret(); });
}

const Node* find_path(const Node& root, std::string_view path) {
  const Node* node = &root;
  while (node != nullptr && !path.empty()) {
    const size_t dot = path.find('.');
    node = node->find(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return node;
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a group of settings";
  }
  return "";
}

}  // namespace acta::config
