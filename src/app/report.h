#pragma once
#include <string>
#include <vector>

namespace acta {

/// actabeat report all: everything at a glance as one HTML file, over documents. Returns the exit status.
int run_report(std::vector<std::string> words);

}  // namespace acta
