#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace acta::report::accounting {

/// What a sum is of: a command and whether it only forked, or a user or group.
struct SumKey {
  std::string name{};
  bool forked = false;
  bool operator==(const SumKey&) const = default;
};

/// What sa(8) sums up, in seconds and in its own units.
struct Sums {
  uint64_t calls = 0;
  double user = 0, system = 0, elapsed = 0, io = 0, memory = 0;
  double minor_faults = 0, major_faults = 0, swaps = 0;

  void add(const Sums& other);
  [[nodiscard]] double cpu() const { return user + system; }
  [[nodiscard]] double per_call(double value) const { return value / static_cast<double>(calls); }
};

/// Sums by key, gone through in the order of the tool's own table: where sums are equal in all that is sorted by, that
/// is the order of its lines. Its table (hashtab.c of acct 6.6.4) begins with 7 chains, hashes by
/// h = byte + 31 h over signed bytes, puts a new key first in its chain, and goes over to four times as many chains
/// when it holds more than 0.6 times as many keys as chains.
class NameTable {
 public:
  /// Of commands: 16 bytes and the flag make a key. Of users and groups: 32 bytes at most.
  enum class Kind : uint8_t { commands, names };
  explicit NameTable(Kind kind) : kind_(kind), chains_(kFirstSize) {}

  struct Entry {
    SumKey key;
    Sums sums;
    std::unique_ptr<Entry> next;
  };
  Sums& find_or_add(std::string_view name, bool forked);
  /// All entries in order. Pointers hold as long as nothing is added.
  [[nodiscard]] std::vector<const Entry*> entries() const;

 private:
  static constexpr size_t kFirstSize = 7;
  [[nodiscard]] uint64_t hash(const SumKey& key) const;
  void put_first(std::unique_ptr<Entry> entry);
  void grow();

  const Kind kind_;
  std::vector<std::unique_ptr<Entry>> chains_;
  size_t size_ = 0;
};

}  // namespace acta::report::accounting
