#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace acta {

tl::unexpected<Error> fail_errno(std::string what, int sys) {
  Errc code = Errc::io;
  if (sys == EACCES || sys == EPERM) code = Errc::denied;
  if (sys == ENOSPC || sys == EDQUOT) code = Errc::full;
  what += ": ";
  what += strerrordesc_np(sys) != nullptr ? strerrordesc_np(sys) : "unknown error";
  return fail(code, std::move(what), sys);
}

}  // namespace acta
