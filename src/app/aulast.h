#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat aulast: logins and starts of the system over documents. Returns the exit status.
int run_aulast(std::vector<std::string> words);

}  // namespace acta
