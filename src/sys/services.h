#pragma once
#include <string>

#include "base/clock.h"
#include "sys/constant_parts.h"
#include "sys/user_db.h"

namespace acta {

/// What decoders use of the host: made by the app, alive as long as the pipeline. One thread (pipeline).
struct Services {
  const Clock* clock = nullptr;
  ConstantParts* parts = nullptr;   ///< of this host and of nodes; never null in the agent
  UserDb* users = nullptr;          ///< of this host, or of --passwd and --group
  UserDb* foreign_users = nullptr;  ///< for records of other nodes: --passwd and --group, else empty
  std::string host_id;
  std::string host_name;  ///< a record whose node= is another name is of another host
};

}  // namespace acta
