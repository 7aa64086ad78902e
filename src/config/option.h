#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace acta {

/// One setting of a component, as data: it is parsed, defaulted, checked and documented from here.
struct Option {
  enum class Type : uint8_t {
    text,      ///< string
    integer,   ///< int64
    boolean,   ///< true, false
    number,    ///< double
    duration,  ///< 10s, 200ms, 5m, 1h30m; a bare number is seconds, as in libbeat
    bytes,     ///< 10MB, 64KiB, 1GB (powers of 1024, as in libbeat); a bare number is bytes
    list,      ///< strings
    map        ///< string -> string
  };
  std::string_view key;  ///< dotted below the component: "rotate_every_kb", "ssl.verification_mode"
  Type type;
  std::string_view fallback;                    ///< default, as one would write it in YAML; "" for none
  std::string_view help;                        ///< one sentence or two, with the unit
  std::span<const std::string_view> choices{};  ///< allowed words; empty for any
  int64_t min = INT64_MIN;                      ///< of integers, durations (ns), bytes
  int64_t max = INT64_MAX;
  bool required = false;
  bool secret = false;  ///< never shown: in logs, errors, export config
};

/// Two tables as one, for components that share a part of their options; a table is an array or a std::array:
/// `constexpr auto kOptions = join_options(kTlsOptionTable, kOwn);`
template <size_t A, size_t B>
consteval std::array<Option, A + B> join_options(const Option (&first)[A], const Option (&second)[B]) {
  std::array<Option, A + B> all{};
  std::copy_n(first, A, all.begin());
  std::copy_n(second, B, all.begin() + A);
  return all;
}
template <size_t A, size_t B>
consteval std::array<Option, A + B> join_options(const std::array<Option, A>& first, const Option (&second)[B]) {
  std::array<Option, A + B> all{};
  std::copy_n(first.begin(), A, all.begin());
  std::copy_n(second, B, all.begin() + A);
  return all;
}

/// The checked settings of one component. Every key of its table that has a default or was given is there. Asking for a
/// key that the table does not have, or by another type, is a bug and aborts. Immutable after loading; any thread.
class Settings {
 public:
  using Value =
      std::variant<std::string, int64_t, bool, double, std::vector<std::string>, std::map<std::string, std::string>>;

  void set(std::string key, Value value) { values_[std::move(key)] = std::move(value); }
  /// Marks a value as never to be shown: its option is secret, or it came from the keystore.
  void hide(std::string_view key) { hidden_.emplace(key); }
  [[nodiscard]] bool hidden(std::string_view key) const { return hidden_.find(key) != hidden_.end(); }
  [[nodiscard]] bool has(std::string_view key) const { return values_.find(key) != values_.end(); }
  [[nodiscard]] const std::string& text(std::string_view key) const { return get<std::string>(key); }
  [[nodiscard]] int64_t integer(std::string_view key) const { return get<int64_t>(key); }
  [[nodiscard]] bool boolean(std::string_view key) const { return get<bool>(key); }
  [[nodiscard]] double number(std::string_view key) const { return get<double>(key); }
  [[nodiscard]] Nanos duration(std::string_view key) const { return get<int64_t>(key); }
  [[nodiscard]] uint64_t bytes(std::string_view key) const { return static_cast<uint64_t>(get<int64_t>(key)); }
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const {
    return get<std::vector<std::string>>(key);
  }
  [[nodiscard]] const std::map<std::string, std::string>& map(std::string_view key) const {
    return get<std::map<std::string, std::string>>(key);
  }

 private:
  template <class T>
  const T& get(std::string_view key) const;
  std::map<std::string, Value, std::less<>> values_;
  std::set<std::string, std::less<>> hidden_;
};

/// The settings of a component made only of its defaults and `given` (key -> YAML text): for tests and for commands
/// that need no file. Errors as for a configuration file, with "given" for its name.
Result<Settings> make_settings(std::span<const Option> options, const std::map<std::string, std::string>& given);

}  // namespace acta
