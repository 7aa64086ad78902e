#pragma once
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "event/byte_block.h"
#include "event/event.h"

namespace acta {

/// A growing buffer with the JSON value forms that documents need; the hot part of encoding. Keeps its memory from
/// document to document. One thread.
///
/// Every method takes where to write and returns where to go on, so that the place stays in a register: as a member it
/// would be stored and loaded again around every byte written (a fifth of encoding). begin() and each method leave
/// kRoom bytes there, short_fragment() what it has not used of them: what is put in between by hand must be less. Of
/// those a value needs kValueRoom.
class JsonWriter {
 public:
  static constexpr size_t kRoom = 128;
  static constexpr size_t kValueRoom = kRoom - kFragmentBytes - 8;

  JsonWriter() { grow(nullptr, kRoom); }

  char* begin() { return buffer_.get(); }
  [[nodiscard]] std::string_view view(const char* at) const {
    return {buffer_.get(), static_cast<size_t>(at - buffer_.get())};
  }

  char* raw(char* at, std::string_view json) {
    at = room(at, json.size() + kRoom);
    std::memcpy(at, json.data(), json.size());
    return at + json.size();
  }
  /// JSON behind which kFragmentBytes can be read: a short one is a copy of fixed size or two, no loop.
  char* fragment(char* at, const char* json, size_t size) {
    std::memcpy(at, json, kFragmentBytes);
    if (size > kFragmentBytes) [[unlikely]] {
      if (size > 2 * kFragmentBytes) return raw(at, std::string_view(json, size));
      std::memcpy(at + kFragmentBytes, json + kFragmentBytes, kFragmentBytes);
    }
    return room(at + size, kRoom);
  }
  /// Makes kRoom.
  char* room(char* at) { return room(at, kRoom); }
  /// JSON of at most kFragmentBytes, all of which can be read. The next to be written is a value.
  static char* short_fragment(char* at, const char* json, size_t size) {
    std::memcpy(at, json, kFragmentBytes);
    return at + size;
  }
  /// With quotes, escaped as Encoder says. Most strings are short and plain: one load, one store. `plain`: known to
  /// need no escape (Value::is_plain).
  char* string(char* at, std::string_view text, bool plain = false) {
    if (text.size() - 1 < kBlockSize) [[likely]] {
      const ByteBlock bytes = load_block(text.data(), text.size());
      if (plain || bytes.special() << (32 - text.size()) == 0) [[likely]] {
        *at++ = '"';
        bytes.store(at);
        at += text.size();
        *at++ = '"';
        return room(at, kRoom);
      }
    }
    return long_string(at, text, plain);
  }
  char* integer(char* at, int64_t v);
  char* floating(char* at, double v);
  char* boolean(char* at, bool v) { return raw(at, v ? "true" : "false"); }
  char* time(char* at, Nanos v);  ///< with quotes

 private:
  char* room(char* at, size_t more) {
    if (static_cast<size_t>(end_ - at) < more) [[unlikely]]
      return grow(at, more);
    return at;
  }
  char* grow(char* at, size_t more);
  char* long_string(char* at, std::string_view text, bool plain);
  [[gnu::noinline]] char* any_string(char* at, std::string_view text, bool plain);

  /// A second and how it is written: times of documents come from a few places, each of which moves on slowly.
  struct Second {
    int64_t second = -1;
    char text[20] = {};
  };
  static void format_second(int64_t second, Second& to);

  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char[], Free> buffer_;
  const char* end_ = nullptr;
  std::array<Second, 16> seconds_{};
};

}  // namespace acta
