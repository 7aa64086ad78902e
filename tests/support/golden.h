#pragma once
#include <string>

namespace acta::test {

/// Compares `actual` with a file of the source tree and says where they begin to differ; "" when they are equal. With
/// UPDATE_GOLDEN=1 in the environment, writes the file instead.
std::string compare_golden(const std::string& relative_path, const std::string& actual);

}  // namespace acta::test
