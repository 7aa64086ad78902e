#pragma once
#include <string>

namespace acta {

/// One step of `actabeat test output`: what was looked at, whether all is well, and what was found or is to be done.
struct CheckStep {
  std::string name{};
  bool good = true;
  std::string detail{};  ///< one line
};

}  // namespace acta
