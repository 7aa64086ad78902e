#pragma once
#include <string>

#include "config/catalog.h"

namespace acta {

/// A JSON schema (draft 2020-12) of the configuration in its nested form, for editors. Dotted keys are let through
/// unseen.
std::string config_schema(const Catalog& catalog);

}  // namespace acta
