#pragma once
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace acta {

struct AgentInfo {
  std::string id;            ///< kept in path.data/agent.json
  std::string name;          ///< `name` of the configuration, else the host name
  std::string ephemeral_id;  ///< new at each start
};

/// The agent's identity. The id is read from `<path_data>/agent.json`; when that is missing or damaged (then with a
/// warning) a new one is made and written there (mode 0600, replaced in one step). An empty `path_data` keeps nothing:
/// replay.
Result<AgentInfo> load_agent(Fs& fs, const std::string& path_data, const std::string& name);

}  // namespace acta
