#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat sa: sums of process accounting over documents. Returns the exit status.
int run_sa(std::vector<std::string> words);

}  // namespace acta
