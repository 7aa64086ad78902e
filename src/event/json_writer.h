#pragma once
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/clock.h"

namespace acta {

/// A growing buffer with the JSON value forms that documents need; the hot part of encoding. Keeps its memory from
/// document to document. One thread.
class JsonWriter {
 public:
  void clear() { size_ = 0; }
  [[nodiscard]] std::string_view view() const { return {buffer_.get(), size_}; }

  void raw(char c) {
    reserve(1);
    buffer_[size_++] = c;
  }
  void raw(std::string_view bytes) {
    reserve(bytes.size() + kSlack);
    std::memcpy(buffer_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void string(std::string_view text);  ///< with quotes, escaped as Encoder says
  void integer(int64_t v);
  void floating(double v);
  void boolean(bool v) { raw(v ? std::string_view("true") : std::string_view("false")); }
  void time(Nanos v);  ///< with quotes

 private:
  static constexpr size_t kSlack = 32;
  void reserve(size_t more) {
    if (capacity_ - size_ < more) grow(more);
  }
  void grow(size_t more);
  /// Writes the escape or the sequence that `text` begins with; returns how many bytes of it were used. Room is there.
  size_t special(std::string_view text);

  bool short_string(std::string_view text);
  size_t escaped(std::string_view slice, std::string_view text);

  /// A second and how it is written: times of documents come from a few places, each of which moves on slowly.
  struct Second {
    int64_t second = -1;
    char text[20] = {};
  };
  static void format_second(int64_t second, Second& to);

  std::unique_ptr<char[]> buffer_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  std::array<Second, 16> seconds_{};
};

}  // namespace acta
