#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat aureport: the reports of aureport(8) over documents. Returns the exit status.
int run_aureport(std::vector<std::string> words);

}  // namespace acta
