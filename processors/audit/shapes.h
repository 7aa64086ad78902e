#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "processors/audit/field_key.h"
#include "processors/audit/record_fields.h"

namespace acta::audit {

/// The keys of a record and of its enriched tail, in order, and what is the same in all records that have these: the
/// kernel prints those of one type alike, so that most are read by comparing words, without the grammar.
class Shape {
 public:
  /// The shape of a record from its fields by the grammar (Splitter). None when it has keys that are not known, more
  /// than kFieldsMax of them, or anything that is not `key=value` between spaces.
  static std::optional<Shape> of(const Record& record, const FieldSlots& slots);

  /// Reads a record: true, and the same fields as by the grammar, but that those of unfinished() are as printed; false
  /// when it has another shape, or a value with quotes in it, and `slots` is anything.
  bool read(const Record& record, FieldSlots& slots) const;

  [[nodiscard]] const KeySet& keys() const { return keys_; }
  [[nodiscard]] bool distinct() const { return distinct_; }  ///< no key stands there twice
  /// The slots whose text is to be decoded, or whose kind depends on their value.
  [[nodiscard]] const std::vector<uint8_t>& unfinished() const { return unfinished_; }

 private:
  static constexpr size_t kFieldsMax = 64;

  struct Step {
    const KeyForms* forms = nullptr;
    FieldSlot field{};           ///< as it is in every record, but for its texts
    bool opens_message = false;  ///< msg=' stands before it
    uint8_t slot = 0;            ///< of a tail: the field it belongs to
  };
  enum class Keys : bool { printed, upper };

  template <Keys kKeys>
  static bool take(const Step& step, const char*& at, const char* end, std::string_view& value, bool& is_quoted);
  bool read_tail(const Record& record, FieldSlots& slots) const;
  bool add_tail(const Record& record, const FieldSlots& slots);

  std::vector<Step> body_;
  std::vector<Step> tail_;
  KeySet keys_;
  bool distinct_ = true;
  std::vector<uint8_t> unfinished_;
};

/// The latest shapes of records of one type, the last used first. One thread.
class Shapes {
 public:
  /// Reads the record by its shape; null when that is not known. Valid until learn().
  const Shape* read(const Record& record, FieldSlots& slots);
  /// To be told what the grammar says of a record that could not be read.
  void learn(const Record& record, const FieldSlots& slots);

 private:
  static constexpr size_t kShapesMax = 8;
  static constexpr uint32_t kMissesPerLook = 8;  ///< records without a shape, or of ever new ones, cost little so

  std::vector<Shape> shapes_;
  uint32_t misses_ = 0;
};

}  // namespace acta::audit
