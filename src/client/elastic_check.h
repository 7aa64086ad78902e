#pragma once
#include <string>
#include <vector>

#include "base/check_step.h"
#include "client/elastic_settings.h"

namespace acta {

/// Looks at each host step by step: address, connection, TLS, authentication, version, privileges, templates. Steps
/// that a failed one makes pointless are left out. Sends no document, and changes nothing. `streams`: where documents
/// go, as far as it is known. `timeout`: of one request. Blocks.
std::vector<CheckStep> check_elastic(const ElasticSettings& settings, const std::vector<std::string>& streams,
                                     const Clock& clock, Fs& fs, Nanos timeout);

}  // namespace acta
