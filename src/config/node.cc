#include "config/node.h"

#include <fmt/format.h>

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
