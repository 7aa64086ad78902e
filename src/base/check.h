#pragma once

namespace acta {
/// Prints the broken condition and aborts. Never returns.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace acta

/// A condition that only a bug of ours can break; kept in every build.
#define CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::acta::check_failed(#condition, __FILE__, __LINE__))
