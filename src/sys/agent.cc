#include "sys/agent.h"

#include "base/log.h"
#include "sys/uuid.h"

namespace acta {
namespace {

constexpr size_t kAgentFileBytesMax = 4096;

/// The id in the file's content: {"id":"…"}; empty when it is not such a file.
std::string id_in(std::string_view content) {
  const size_t key = content.find("\"id\"");
  if (key == std::string_view::npos) return {};
  const size_t open = content.find('"', key + 4);
  if (open == std::string_view::npos) return {};
  const size_t close = content.find('"', open + 1);
  if (close == std::string_view::npos) return {};
  const std::string_view id = content.substr(open + 1, close - open - 1);
  return is_uuid(id) ? std::string(id) : std::string();
}

}  // namespace

Result<AgentInfo> load_agent(Fs& fs, const std::string& path_data, const std::string& name) {
  AgentInfo agent{.id = {}, .name = name, .ephemeral_id = uuid4()};
  if (path_data.empty()) {
    agent.id = uuid4();
    return agent;
  }
  if (auto made = fs.make_dirs(path_data); !made) return tl::unexpected(made.error());
  const std::string path = path_data + "/agent.json";
  if (fs.stat(path)) {
    auto content = read_file(fs, path, kAgentFileBytesMax);
    if (!content && content.error().code != Errc::unsupported) return tl::unexpected(content.error());
    if (content) agent.id = id_in(*content);
    if (!agent.id.empty()) {
      // An agent that was killed may not have come to this; from now on documents go out with the id.
      if (auto synced = fs.sync_dir(path_data); !synced) return tl::unexpected(synced.error());
      return agent;
    }
    log::warning("agent", path + " holds no agent id: a new one is made");
  }
  agent.id = uuid4();
  if (auto done = replace_file(fs, path, "{\"id\":\"" + agent.id + "\"}\n"); !done) return tl::unexpected(done.error());
  return agent;
}

}  // namespace acta
