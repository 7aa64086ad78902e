#pragma once
#include <string_view>

namespace acta {

/// The version of the Elastic Common Schema that the documents follow.
inline constexpr std::string_view kEcsVersion = "9.4.0";

}  // namespace acta
