#include "report/accounting/name_table.h"

#include <utility>

namespace acta::report::accounting {
namespace {

constexpr size_t kCommandBytes = 16;
constexpr size_t kNameBytes = 32;
constexpr size_t kFlagBytes = 2;
constexpr size_t kGrowth = 4;
constexpr double kLoadMax = 0.6;

}  // namespace

void Sums::add(const Sums& other) {
  calls += other.calls;
  user += other.user;
  system += other.system;
  elapsed += other.elapsed;
  io += other.io;
  memory += other.memory;
  minor_faults += other.minor_faults;
  major_faults += other.major_faults;
  swaps += other.swaps;
}

uint64_t NameTable::hash(const SumKey& key) const {
  std::string bytes = key.name;
  if (kind_ == Kind::commands) {
    bytes.resize(kCommandBytes + kFlagBytes);
    bytes[kCommandBytes] = key.forked ? 1 : 0;
  }
  uint64_t value = 0;
  for (const char c : bytes)
    value = static_cast<uint64_t>(static_cast<int64_t>(static_cast<signed char>(c))) + 31 * value;
  return value % chains_.size();
}

void NameTable::put_first(std::unique_ptr<Entry> entry) {
  std::unique_ptr<Entry>& chain = chains_[hash(entry->key)];
  entry->next = std::move(chain);
  chain = std::move(entry);
}

Sums& NameTable::find_or_add(std::string_view name, bool forked) {
  const size_t bytes_max = kind_ == Kind::commands ? kCommandBytes : kNameBytes;
  SumKey key{.name = std::string(name.substr(0, bytes_max)), .forked = forked};
  for (Entry* entry = chains_[hash(key)].get(); entry != nullptr; entry = entry->next.get()) {
    if (entry->key == key) return entry->sums;
  }
  auto entry = std::make_unique<Entry>();
  entry->key = std::move(key);
  Sums& sums = entry->sums;
  put_first(std::move(entry));
  if (++size_ > static_cast<size_t>(static_cast<double>(chains_.size()) * kLoadMax)) grow();
  return sums;
}

void NameTable::grow() {
  std::vector<std::unique_ptr<Entry>> old(chains_.size() * kGrowth);
  old.swap(chains_);
  for (std::unique_ptr<Entry>& chain : old) {
    while (chain) {
      std::unique_ptr<Entry> rest = std::move(chain->next);
      put_first(std::move(chain));
      chain = std::move(rest);
    }
  }
}

std::vector<const NameTable::Entry*> NameTable::entries() const {
  std::vector<const Entry*> all;
  all.reserve(size_);
  for (const auto& chain : chains_) {
    for (const Entry* entry = chain.get(); entry != nullptr; entry = entry->next.get()) all.push_back(entry);
  }
  return all;
}

}  // namespace acta::report::accounting
