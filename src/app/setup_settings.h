#pragma once
#include <vector>

#include "client/index_setup.h"
#include "config/option.h"

namespace acta {

/// What the keys setup.* ask for; what depends on the server is left as it is by default.
IndexSetup setup_settings(const Settings& general);

/// Prints objects as requests, one after the other, in the form of Kibana's console: "PUT /path", then the body.
void print_objects(const std::vector<ServerObject>& objects);

}  // namespace acta
