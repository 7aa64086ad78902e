#pragma once
#include <cstdint>
#include <string>
#include <tl/expected.hpp>

namespace acta {

/// What kind of failure an Error is; callers decide by this, people read `what`.
enum class Errc : uint8_t { config, io, full, corrupt, closed, denied, unsupported };

/// A failure as a value. `sys` is errno where a system call failed, else 0. `what` names the file, key or offset and
/// the way out.
struct Error {
  Errc code{};
  int sys = 0;
  std::string what{};
};

/// Failures are values; bugs abort through CHECK. No exception crosses a module.
template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string what, int sys = 0) {
  return tl::unexpected<Error>(Error{code, sys, std::move(what)});
}

/// A failure from errno: "`what`: strerror(sys)". EACCES and EPERM become denied, ENOSPC and EDQUOT full, the rest io.
tl::unexpected<Error> fail_errno(std::string what, int sys);

}  // namespace acta
