#include "app/make_queue.h"

#include "config/value.h"
#include "processors/audit/record.h"
#include "spool/aside_queue.h"
#include "spool/disk_queue.h"

namespace acta {
namespace {

constexpr Nanos kHousekeeping = 200 * kMillisecond;  // where nothing has to be synced: readers' places, passed segments

/// `where` the digits were: a path, or a key of the configuration.
Result<std::string> decode_key(std::string_view digits, const std::string& where) {
  std::string key;
  if (!audit::decode_hex(digits, key) || key.size() != spool::Cipher::kMasterKeyBytes)
    return fail(Errc::config, where + ": the spool's key must be 64 hexadecimal digits (openssl rand -hex 32)");
  return key;
}

Result<MadeQueue> make_disk_queue(const DiskQueueConfig& config, Fs& fs, const Clock& clock) {
  constexpr uint64_t kBytesMin = 1u << 20;
  if (config.bytes_max < kBytesMin)
    return fail(Errc::config, "queue.disk.max_size must be at least 1MB, or 0 for memory");
  DiskOptions options;
  options.directory = config.path;
  options.bytes_max = config.bytes_max;
  options.segment_bytes = config.segment_bytes;
  options.reserve_bytes = config.reserve_bytes;
  options.age_max = config.age_max;
  options.when_full = config.drop_oldest ? DiskOptions::WhenFull::drop_oldest : DiskOptions::WhenFull::block;
  options.level = config.level;
  options.new_output_at_newest = config.new_output_at_newest;
  options.removed_output_grace = config.removed_output_grace;
  Nanos every = kHousekeeping;
  if (config.sync == "always") {
    options.sync = DiskOptions::Sync::always;
  } else if (config.sync == "never") {
    options.sync = DiskOptions::Sync::never;
  } else {
    const auto interval = config::parse_duration(config.sync);
    if (!interval || *interval < kMillisecond || *interval > 3600 * kSecond) {
      return fail(Errc::config,
                  "queue.disk.sync is '" + config.sync + "': give always, never or a time from 1ms to 1h");
    }
    every = *interval;
  }
  auto key = spool_key(fs, config);
  if (!key) return tl::unexpected(key.error());
  options.key = std::move(*key);
  auto queue = DiskQueue::open(fs, clock, std::move(options));
  if (!queue) return tl::unexpected(queue.error());
  return MadeQueue{.queue = std::move(*queue), .sync_every = every};
}

}  // namespace

Result<std::string> read_spool_key(Fs& fs, const std::string& path) {
  constexpr uint32_t kOthers = 077;
  constexpr size_t kFileBytesMax = 256;
  auto stat = fs.stat(path);
  if (!stat) return tl::unexpected(stat.error());
  if ((stat->mode & kOthers) != 0)
    return fail(Errc::denied, path + ": the spool's key may be read by others: chmod 0600");
  auto text = read_file(fs, path, kFileBytesMax);
  if (!text) return tl::unexpected(text.error());
  while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) text->pop_back();
  return decode_key(*text, path);
}

Result<std::string> spool_key(Fs& fs, const DiskQueueConfig& config) {
  if (!config.key_file.empty() && !config.key.empty())
    return fail(Errc::config, "queue.disk.encryption has both key and key_file: give one of them");
  if (!config.key.empty()) return decode_key(config.key, "queue.disk.encryption.key");
  return config.key_file.empty() ? Result<std::string>() : read_spool_key(fs, config.key_file);
}

Result<MadeQueue> make_queue(const QueueConfig& config, Fs& fs, const Clock& clock) {
  if (config.disk) return make_disk_queue(*config.disk, fs, clock);
  auto queue = AsideQueue::open(fs, clock, config.aside_path, {.events_max = config.events, .bytes_max = config.bytes});
  if (!queue) return tl::unexpected(queue.error());
  const Nanos every = (*queue)->has_aside() ? kHousekeeping : 0;
  return MadeQueue{.queue = std::move(*queue), .sync_every = every};
}

}  // namespace acta
