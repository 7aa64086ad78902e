#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat lastcomm: what ended, the newest first, over documents. Returns the exit status.
int run_lastcomm(std::vector<std::string> words);

}  // namespace acta
