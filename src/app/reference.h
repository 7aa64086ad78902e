#pragma once
#include <string>
#include <vector>

#include "config/catalog.h"

namespace acta {

/// A generated file: its path in the source tree, and what it has to hold.
struct GeneratedFile {
  std::string path;
  std::string content;
};

/// Everything that is generated from option tables and the field list, for docs/reference and config/reference.yml. A
/// test says when the committed files differ.
std::vector<GeneratedFile> reference_files(const Catalog& catalog);

/// Every option with its default and its help, commented out but for what a configuration cannot do without.
std::string reference_yml(const Catalog& catalog);

}  // namespace acta
