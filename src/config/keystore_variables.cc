#include "config/keystore_variables.h"

#include <cerrno>

#include "config/general.h"

namespace acta::config {
namespace {

/// The text at a path with its variables; nothing when there is none, or it cannot be told.
std::optional<std::string> text_at(const Node& root, std::string_view path, const VariableLookup& variables) {
  const Node* found = find_path(root, path);
  if (found == nullptr || found->kind == Node::Kind::null) return "";
  Node node = *found;
  Diagnostics ignored;  // told when the whole tree is expanded
  expand_variables(node, variables, ignored);
  if (!ignored.empty() || node.kind != Node::Kind::scalar) return std::nullopt;
  return node.text;
}

}  // namespace

Result<std::optional<Variable>> KeystoreVariables::find(std::string_view name) {
  if (!store_) store_ = open();
  if (!*store_) return tl::unexpected((*store_).error());
  if (const std::string* secret = (*store_)->find(name)) return Variable{.value = *secret, .secret = true};
  return otherwise_(name);
}

Result<Keystore> KeystoreVariables::open() const {
  if (path_.empty()) return Keystore{};
  if (const auto stat = fs_.stat(path_); !stat && (stat.error().sys == ENOENT || stat.error().sys == ENOTDIR))
    return Keystore{};
  auto password = keystore_password(fs_);
  if (!password) return tl::unexpected(password.error());
  return Keystore::open(fs_, path_, *password);
}

std::string keystore_path(const Node& root, const VariableLookup& variables) {
  const auto path = text_at(root, "keystore.path", variables);
  if (!path || !path->empty()) return path.value_or("");
  auto data = text_at(root, "path.data", variables);
  if (data && data->empty()) data = general_fallback("path.data");
  return data ? *data + "/actabeat.keystore" : "";
}

}  // namespace acta::config
