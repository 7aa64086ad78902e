#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace acta::report::audit {

/// How often each of some texts came. Exact up to kBytesMax of text; what is new beyond that is not kept, and capped()
/// says so. One thread.
class Tally {
 public:
  static constexpr size_t kBytesMax = 8u << 20;
  static constexpr size_t kBytesEach = 120;  ///< of an entry beside its text, about

  struct Row {
    std::string text;
    uint64_t hits;
  };
  /// Where something came first: lower is earlier.
  struct Place {
    int64_t time = 0;  ///< 0 where texts are added in their order
    uint64_t number = 0;
    uint64_t within = 0;  ///< one event
    auto operator<=>(const Place&) const = default;
  };

  /// A text that came `times` times, the first time at `place`.
  void add(std::string_view text, uint64_t times, Place place);
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] bool capped() const { return capped_; }
  /// Most hits first; of equal hits, what came first.
  [[nodiscard]] std::vector<Row> by_hits() const;

 private:
  struct Entry {
    uint64_t hits = 0;
    Place place;
    uint64_t arrival = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  size_t bytes_ = 0;
  bool capped_ = false;
};

/// The same of numbers: of equal hits, the lower number first.
class NumberTally {
 public:
  static constexpr size_t kNumbersMax = 200'000;
  struct Row {
    int64_t number;
    uint64_t hits;
  };

  void add(int64_t number, uint64_t times);
  [[nodiscard]] size_t size() const { return hits_.size(); }
  [[nodiscard]] bool capped() const { return capped_; }
  [[nodiscard]] std::vector<Row> by_hits() const;

 private:
  std::unordered_map<int64_t, uint64_t> hits_;
  bool capped_ = false;
};

}  // namespace acta::report::audit
