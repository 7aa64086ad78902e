#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace acta::audit {

/// Remembers the words of values: (context, value) -> words, bounded in entries and bytes, everything in constant time.
/// Two generations: a look-up that finds its entry in the older one moves it to the younger; when the younger is full
/// it becomes the older and the older is forgotten. What was forgotten stays readable until the next such turn, so a
/// view lives for kViewsKept insertions. One thread.
class WordMemo {
 public:
  static constexpr size_t kEntryBytesMax = 768;  ///< value and words of one entry; longer ones are not taken
  static constexpr size_t kViewsKept = 1000;
  static constexpr size_t kGenerationBytes = 1u << 20;  ///< of the entries of one generation, of which there are three

  /// `entries_max` is raised to what kViewsKept needs.
  explicit WordMemo(size_t entries_max);

  /// The words, or nothing when they are not known.
  std::optional<std::string_view> find(uint64_t context, std::string_view value);
  /// Keeps the words; returns them as kept, or as given when they are too long.
  std::string_view insert(uint64_t context, std::string_view value, std::string_view words);

  [[nodiscard]] size_t entries() const { return young_.entries + old_.entries; }
  [[nodiscard]] size_t bytes() const { return young_.used + old_.used; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t offset = 0;  ///< of the entry in the bytes, plus one; 0: free
  };
  struct Generation {
    std::vector<Slot> slots;
    std::unique_ptr<char[]> text;
    size_t used = 0;
    size_t entries = 0;
  };
  struct Head {
    uint64_t context;
    uint16_t value_size;
    uint16_t words_size;
  };

  static std::optional<std::string_view> look(const Generation& in, uint64_t hash, uint64_t context,
                                              std::string_view value);
  std::string_view put(uint64_t hash, uint64_t context, std::string_view value, std::string_view words);
  void turn();

  size_t generation_entries_;
  uint64_t seed_;
  Generation young_, old_, forgotten_;
};

}  // namespace acta::audit
