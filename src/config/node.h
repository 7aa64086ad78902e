#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acta::config {

/// Where something was written. `source` is a file name, or "-E key=value"; its bytes outlive every node (Sources).
/// Lines and columns from 1; line 0 where a source has none.
struct Location {
  std::string_view source{};
  int line = 0;
  int column = 0;
  bool operator==(const Location&) const = default;
};

/// "file:line:column", or the source alone.
std::string to_string(const Location& at);

/// Configuration as a tree: what YAML gave, before anything is known about keys. Keys of a map are in the order of the
/// file.
struct Node {
  enum class Kind : uint8_t { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  bool quoted = false;      ///< scalar in quotes: text, whatever it looks like
  bool expanded = false;    ///< scalar that was one ${NAME} as a whole: may stand for a list
  bool secret = false;      ///< scalar that holds a secret of the keystore
  bool unresolved = false;  ///< null because a variable could not be put in, which has been told
  Location at{};
  std::string text{};          ///< scalar
  std::vector<Node> items{};   ///< list
  std::vector<Entry> entries;  ///< map; clang wants no {} here, Entry being unknown yet

  [[nodiscard]] const Node* find(std::string_view key) const;
  /// Whether it, or anything below it, is secret.
  [[nodiscard]] bool holds_secret() const;
};

struct Node::Entry {
  std::string key;
  Location at;  ///< of the key
  Node value;
};

/// The node at a dotted path of a merged tree, or null.
const Node* find_path(const Node& root, std::string_view path);

/// Words for messages: "nothing", "a value", "a list", "a group of settings".
std::string_view kind_name(Node::Kind kind);

}  // namespace acta::config
