#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace acta::config {

/// Content of a keystore file: AES-256-GCM with a key that scrypt (RFC 7914) makes of the password.
///
///     offset  bytes
///     0       8     "ACTAKEY1"
///     8       1     scrypt: log2 of N
///     9       1     scrypt: r
///     10      1     scrypt: p
///     11      1     0
///     12      16    scrypt: salt, new with each writing
///     28      12    nonce, random
///     40      n     ciphertext
///     40 + n  16    tag; bytes 0 to 39 are its associated data
///
/// Encrypting takes about 50 ms and 16 MiB, on purpose. An empty password protects nothing by itself: then the file's
/// mode does.
Result<std::string> seal_keystore(std::string_view plain, std::string_view password);

/// The plain content. Errc::corrupt: no keystore, cut short, changed, or another password; Errc::unsupported: of a
/// version, or with costs, that are not ours. `what` says which, without a path.
Result<std::string> open_keystore(std::string_view bytes, std::string_view password);

}  // namespace acta::config
