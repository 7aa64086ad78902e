#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat ausearch: the searches of ausearch(8) over documents. Returns the exit status.
int run_ausearch(std::vector<std::string> words);

}  // namespace acta
