#pragma once
#include <string>

#include "client/index_setup.h"

namespace acta {

/// What a server offers to `actabeat setup` beside indices, with what to tell the user about it.
struct ServerAbility {
  Lifecycle lifecycle = Lifecycle::none;
  std::string lifecycle_words{};  ///< "ILM", "none: …"
  bool pipeline = false;          ///< all nodes have the processor `set`
  bool geoip = false;             ///< and `geoip`
};

/// Asks the server by requests that change nothing. Fails when it cannot be asked, or keeps us from it: with what
/// privilege is missing.
Result<ServerAbility> ask_ability(ElasticClient& client, const ElasticServer& server, Nanos deadline);

}  // namespace acta
