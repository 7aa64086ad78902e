#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "config/condition_spec.h"
#include "config/option.h"

namespace acta {

/// One input: an entry of `actabeat.inputs`. Disabled ones are checked, and in the list.
struct InputConfig {
  std::string id;    ///< unique; the type unless given
  std::string type;  ///< name in Registry<Input>
  bool enabled = true;
  Settings settings;
  std::string where;  ///< "file:line:column" of the entry, for messages
};

/// One step of `processors`.
struct ProcessorConfig {
  std::string type;  ///< name in Registry<Processor>
  Settings settings;
  std::optional<ConditionSpec> when;
  std::string where;
};

/// One output: a key below `output`.
struct OutputConfig {
  std::string type;  ///< name in Registry<Output>; also the name of its reader
  bool enabled = true;
  Settings settings;  ///< its own options, and those of every output (runner_options.h)
  std::string where;
};

/// `queue.disk`: see DiskOptions.
struct DiskQueueConfig {
  std::string path;
  uint64_t bytes_max = 0, segment_bytes = 0, reserve_bytes = 0;
  Nanos age_max = 0;
  std::string sync;  ///< "always", "never" or a duration
  bool drop_oldest = false;
  int level = 0;
  std::string key_file, key;  ///< of the encryption, at most one of them: a file, or the digits themselves
  bool new_output_at_newest = false;
  Nanos removed_output_grace = 0;
};

/// `queue.mem`, or `queue.disk` when that is there
struct QueueConfig {
  size_t events = 0;         ///< most documents in the queue in memory
  size_t bytes = 0;          ///< most bytes in the queue in memory
  std::string aside_path{};  ///< where a stop leaves what is in memory and not delivered
  std::optional<DiskQueueConfig> disk{};
};

/// `actabeat.assembly`: see AssemblerLimits.
struct AssemblyConfig {
  Nanos age = 0;
  size_t events_max = 0;
  size_t records_max = 0;
  size_t bytes_max = 0;
  size_t closed_kept = 0;
  size_t args_bytes_max = 0;
};

/// `actabeat.users`
struct UsersConfig {
  std::string passwd, group;  ///< files; empty for the host's own
  size_t entries_max = 0;
  Nanos ttl = 0, negative_ttl = 0, deadline = 0;
};

/// The checked configuration. Immutable once loaded; any thread.
struct Config {
  std::string name;     ///< agent.name; empty for the host's name
  std::string host_id;  ///< host.id; empty for /etc/machine-id
  std::string path_data, path_logs;
  Nanos shutdown_timeout = 0;
  Nanos registry_flush = 0;       ///< how often cursors are saved
  Nanos health_every = 0;         ///< how often there is a document of health of each input; 0: never
  bool follow = false;            ///< documents of logins, boots and guests that are over
  std::string dead_letters_path;  ///< directory of rejected documents
  unsigned accounting_ahz = 100;  ///< ticks per second of accounting records that do not say
  UsersConfig users;
  AssemblyConfig assembly;
  QueueConfig queue;
  log::Settings logging;
  std::vector<InputConfig> inputs;
  std::vector<ProcessorConfig> processors;
  std::vector<OutputConfig> outputs;
  Settings kibana;           ///< setup.kibana: where `setup --dashboards` goes
  std::string kibana_where;  ///< "file:line:column" of it; of the file, where it is not written
  Settings general;          ///< all of the above that is no component, by key: for `export config`
};

}  // namespace acta
