#pragma once
#include "app/options.h"

namespace acta {

/// actabeat keystore …: each returns the exit status. The configuration is read for the keystore's place only, as it
/// may name secrets that are still to be put in. Two at a time wait for none: the second fails.
int create_keystore(const KeystoreOptions& options);
int add_secret(const KeystoreOptions& options);
int list_secrets(const KeystoreOptions& options);
int remove_secrets(const KeystoreOptions& options);

}  // namespace acta
