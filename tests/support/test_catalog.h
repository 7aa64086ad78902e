#pragma once
#include <map>
#include <string>

#include "config/catalog.h"
#include "config/loader.h"

namespace acta::test {

/// A few made-up components, so that tests of the loader do not change with the real ones.
Catalog test_catalog();

/// parse_config() of a text against them, named "a.yml", with these variables and overrides.
Result<Config> parse(const std::string& text, const std::vector<std::string>& overrides = {},
                     const std::map<std::string, std::string>& variables = {});

/// A configuration that is right, but for what `more` adds.
std::string good_config(const std::string& more = "");

}  // namespace acta::test
