#pragma once
#include <optional>
#include <string>

#include "base/fs.h"
#include "config/expand.h"
#include "config/keystore.h"
#include "config/node.h"

namespace acta::config {

/// ${NAME} by the keystore first, then by `otherwise` (libbeat's order). Opens the keystore at the first name that is
/// asked for: a configuration without variables needs none. Made by the loader; one thread.
class KeystoreVariables {
 public:
  /// `fs` and `otherwise` outlive it. Without a file at `path`, only `otherwise` counts.
  KeystoreVariables(Fs& fs, std::string path, const VariableLookup& otherwise)
      : fs_(fs), path_(std::move(path)), otherwise_(otherwise) {}

  /// Fails when the keystore is there and cannot be used.
  Result<std::optional<Variable>> find(std::string_view name);

 private:
  Result<Keystore> open() const;

  Fs& fs_;
  const std::string path_;
  const VariableLookup& otherwise_;
  std::optional<Result<Keystore>> store_;
};

/// Path of the keystore by a merged tree that is not expanded yet: keystore.path, else actabeat.keystore below
/// path.data. Variables in these two are those of `variables`; empty when they cannot be put in.
std::string keystore_path(const Node& root, const VariableLookup& variables);

}  // namespace acta::config
