#include "app/keystore.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "app/load.h"
#include "app/prompt.h"
#include "config/keystore.h"
#include "config/loader.h"

namespace acta {
namespace {

/// The keystore of a command: where it is, how it is opened, and that nobody else changes it meanwhile.
struct Place {
  PosixFs fs{};
  std::string path{};
  std::string password{};
  std::unique_ptr<FileLock> lock{};

  Result<> find(const KeystoreOptions& options) {
    LoadOptions how;
    how.overrides = options.config.overrides;
    how.strict_perms = options.config.strict_perms;
    auto found = find_keystore(fs, options.config.file, how);
    if (!found) return tl::unexpected(found.error());
    path = *std::move(found);
    auto read = keystore_password(fs);
    if (!read) return tl::unexpected(read.error());
    password = *std::move(read);
    return {};
  }

  /// Before a change. Its directory is made when missing.
  Result<> take() {
    if (auto made = fs.make_dirs(parent_of(path)); !made) return made;
    auto taken = fs.lock(path + ".lock");
    if (!taken && taken.error().code == Errc::denied && taken.error().sys == 0)
      return fail(Errc::denied, fmt::format("keystore {} is being changed by another command; try again", path));
    if (!taken) return tl::unexpected(taken.error());
    lock = *std::move(taken);
    return {};
  }

  [[nodiscard]] bool exists() {
    const auto stat = fs.stat(path);
    return stat || stat.error().sys != ENOENT;
  }

  Result<Keystore> open() {
    auto store = Keystore::open(fs, path, password);
    if (!store && store.error().sys == ENOENT)
      return fail(Errc::config, fmt::format("there is no keystore {}; make one: actabeat keystore create", path));
    return store;
  }
};

Result<> create(const KeystoreOptions& options) {
  Place place;
  if (auto found = place.find(options); !found) return found;
  if (auto taken = place.take(); !taken) return taken;
  if (!options.force && place.exists())
    return fail(Errc::config,
                fmt::format("there is a keystore {}; --force replaces it, and its secrets are gone", place.path));
  if (auto saved = Keystore{}.save(place.fs, place.path, place.password); !saved) return saved;
  fmt::print("made {}\n", place.path);
  return {};
}

Result<> add(const KeystoreOptions& options) {
  Place place;
  if (auto found = place.find(options); !found) return found;
  if (auto taken = place.take(); !taken) return taken;
  auto store = place.open();
  if (!store) return tl::unexpected(store.error());
  const bool known = store->find(options.name) != nullptr;
  if (known && !options.force)
    return fail(Errc::config, fmt::format("the keystore has a secret '{}'; --force replaces it", options.name));
  // A wrong name is told before the secret is asked for.
  if (auto good = store->set(options.name, "?"); !good) return good;
  auto secret = options.from_stdin ? read_secret_from_stdin(Keystore::kSecretBytesMax)
                                   : ask_for_secret(fmt::format("Secret for '{}': ", options.name));
  if (!secret) return tl::unexpected(secret.error());
  if (auto good = store->set(options.name, *std::move(secret)); !good) return good;
  if (auto saved = store->save(place.fs, place.path, place.password); !saved) return saved;
  fmt::print("{} '{}'\n", known ? "replaced" : "added", options.name);
  return {};
}

Result<> list(const KeystoreOptions& options) {
  Place place;
  if (auto found = place.find(options); !found) return found;
  auto store = place.open();
  if (!store) return tl::unexpected(store.error());
  for (const std::string& name : store->names()) fmt::print("{}\n", name);
  return {};
}

Result<> remove(const KeystoreOptions& options) {
  Place place;
  if (auto found = place.find(options); !found) return found;
  if (auto taken = place.take(); !taken) return taken;
  auto store = place.open();
  if (!store) return tl::unexpected(store.error());
  for (const std::string& name : options.names) {
    if (!store->remove(name)) return fail(Errc::config, fmt::format("the keystore has no secret '{}'", name));
  }
  if (auto saved = store->save(place.fs, place.path, place.password); !saved) return saved;
  for (const std::string& name : options.names) fmt::print("removed '{}'\n", name);
  return {};
}

int status_of(const Result<>& done) {
  return done ? 0 : print_error(done.error());
}

}  // namespace

int create_keystore(const KeystoreOptions& options) {
  return status_of(create(options));
}
int add_secret(const KeystoreOptions& options) {
  return status_of(add(options));
}
int list_secrets(const KeystoreOptions& options) {
  return status_of(list(options));
}
int remove_secrets(const KeystoreOptions& options) {
  return status_of(remove(options));
}

}  // namespace acta
