#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spool/frame.h"

namespace acta::spool {

/// Encryption of the frames of one segment: AES-256-GCM with a key of its own (FORMAT.md). One thread at a time.
class Cipher {
 public:
  static constexpr size_t kMasterKeyBytes = 32;
  static constexpr size_t kTagBytes = 16;

  /// Derives the segment's key from `master` (kMasterKeyBytes) by HKDF-SHA256.
  static Result<std::unique_ptr<Cipher>> of_segment(std::string_view master, const Salt& salt, uint64_t first);
  ~Cipher();
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  /// Encrypts `bytes` from `from` on in place and appends the tag. `number` is that of the frame: used once.
  Result<> seal(uint32_t number, std::string_view associated, std::string& bytes, size_t from);
  /// Decrypts `bytes` from `from` on in place and takes the tag off; false when they were tampered with or belong
  /// elsewhere, and then they are not to be used.
  bool open(uint32_t number, std::string_view associated, std::string& bytes, size_t from);
  /// What a segment's header keeps to tell a wrong key.
  [[nodiscard]] const KeyCheck& key_check() const;

 private:
  struct Context;
  explicit Cipher(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

/// Random bytes from the system, for marks and salts.
Result<> random_bytes(char* into, size_t size);

}  // namespace acta::spool
