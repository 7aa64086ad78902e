#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat auvirt: virtual machines over documents. Returns the exit status.
int run_auvirt(std::vector<std::string> words);

}  // namespace acta
