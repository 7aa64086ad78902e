#pragma once
#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "config/config.h"
#include "queue/queue.h"

namespace acta {

/// A queue, and how often its sync() is to be called; 0: never.
struct MadeQueue {
  std::unique_ptr<Queue> queue;
  Nanos sync_every = 0;
};

/// The key of an encrypted spool: 64 hexadecimal digits in a file that nobody else may read. The key itself is in no
/// message.
Result<std::string> read_spool_key(Fs& fs, const std::string& path);
/// The one that the configuration gives; empty when the spool is not to be encrypted.
Result<std::string> spool_key(Fs& fs, const DiskQueueConfig& config);

/// The queue that the configuration names. `fs` and `clock` outlive it. Errors name the key or the directory, and the
/// way out.
Result<MadeQueue> make_queue(const QueueConfig& config, Fs& fs, const Clock& clock);

}  // namespace acta
