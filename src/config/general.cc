#include "config/general.h"

#include <array>

namespace acta::config {
namespace {

using enum Option::Type;

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

constexpr std::array<std::string_view, 2> kWhenFull{"block", "drop_oldest"};
constexpr std::array<std::string_view, 2> kNewOutput{"oldest", "newest"};

constexpr std::array kGeneral = {
    Option{.key = "name",
           .type = text,
           .fallback = "",
           .help = "agent.name of the documents; the host's name when not given."},
    Option{.key = "host.id",
           .type = text,
           .fallback = "",
           .help =
               "host.id of the documents, part of every document id; /etc/machine-id when not given. Must not change."},
    Option{.key = "path.data",
           .type = text,
           .fallback = "/var/lib/actabeat",
           .help = "Directory of what must survive a restart: cursors, the agent's id, dead letters."},
    Option{
        .key = "path.logs", .type = text, .fallback = "/var/log/actabeat", .help = "Directory of the agent's own log."},
    Option{.key = "keystore.path",
           .type = text,
           .fallback = "",
           .help = "File of the keystore, whose secrets ${NAME} stands for; ${path.data}/actabeat.keystore when not "
                   "given."},
    Option{.key = "dead_letters.path",
           .type = text,
           .fallback = "",
           .help = "Directory of documents that an output can never take, one file per output; "
                   "${path.data}/dead_letters when not "
                   "given."},
    Option{.key = "privileges.user",
           .type = text,
           .fallback = "",
           .help = "User to run as, by name or number, when started as root; path.data must be that user's."},
    Option{.key = "privileges.drop",
           .type = boolean,
           .fallback = "true",
           .help = "Keep only the capabilities that the inputs ask for. Also as root: files that root does not own can "
                   "then be read where an input needs it, but not written."},
    Option{.key = "privileges.seccomp",
           .type = boolean,
           .fallback = "true",
           .help =
               "Refuse system calls that the agent never makes: running programs, loading modules, tracing, mounting."},
    Option{.key = "actabeat.shutdown_timeout",
           .type = duration,
           .fallback = "10s",
           .help = "How long a stop waits for the outputs to take what is in the queue; the rest is kept for the next "
                   "start.",
           .min = 0},
    Option{.key = "actabeat.health.period",
           .type = duration,
           .fallback = "1m",
           .help =
               "How often there is a document of the dataset actabeat.health for each input (what it received, what "
               "became documents, what was lost where) and each output (how deep the queue is for it, what became of "
               "its documents); 0 for never.",
           .min = 0},
    Option{.key = "actabeat.sessions.enabled",
           .type = boolean,
           .fallback = "true",
           .help = "Follow logins, starts of the system and virtual machines over their audit records, and ship a "
                   "document of the dataset actabeat.session or actabeat.machine when one is over."},
    Option{.key = "actabeat.registry.flush",
           .type = duration,
           .fallback = "1s",
           .help = "How often the inputs' cursors are saved.",
           .min = 10 * kMillisecond,
           .max = 3600 * kSecond},
    Option{.key = "actabeat.users.passwd",
           .type = text,
           .fallback = "",
           .help = "passwd(5) file that names user ids, for logs of another host; this host's users when not given."},
    Option{.key = "actabeat.users.group", .type = text, .fallback = "", .help = "group(5) file that names group ids."},
    Option{.key = "actabeat.users.entries_max",
           .type = integer,
           .fallback = "4096",
           .help = "Most ids remembered.",
           .min = 16,
           .max = 1 << 20},
    Option{.key = "actabeat.users.ttl",
           .type = duration,
           .fallback = "5m",
           .help = "How long the name of an id is remembered.",
           .min = kSecond},
    Option{.key = "actabeat.users.negative_ttl",
           .type = duration,
           .fallback = "1m",
           .help = "How long it is remembered that an id has no name.",
           .min = kSecond},
    Option{.key = "actabeat.users.deadline",
           .type = duration,
           .fallback = "20ms",
           .help = "How long the pipeline waits for a name; a later answer serves the next document.",
           .min = 0,
           .max = 10 * kSecond},
    Option{
        .key = "actabeat.assembly.age",
        .type = duration,
        .fallback = "2s",
        .help =
            "An event older than this, in log time, is closed without the records it may miss (end_of_event_timeout of "
            "auditd.conf).",
        .min = 10 * kMillisecond,
        .max = 3600 * kSecond},
    Option{.key = "actabeat.assembly.events_max",
           .type = integer,
           .fallback = "4096",
           .help = "Most events that are put together at a time.",
           .min = 16,
           .max = 1 << 20},
    Option{.key = "actabeat.assembly.records_max",
           .type = integer,
           .fallback = "4096",
           .help = "Most records of one event.",
           .min = 16,
           .max = 1 << 20},
    Option{.key = "actabeat.assembly.bytes_max",
           .type = bytes,
           .fallback = "4MB",
           .help = "Most bytes of records in unfinished events.",
           .min = 64 << 10},
    Option{.key = "actabeat.assembly.closed_kept",
           .type = integer,
           .fallback = "4096",
           .help = "How many closed events are remembered, to know late records and duplicates.",
           .min = 16,
           .max = 1 << 20},
    Option{.key = "actabeat.assembly.args_bytes_max",
           .type = bytes,
           .fallback = "128KB",
           .help = "Most bytes of process.args of an event; what is beyond is cut, and said in actabeat.truncated.",
           .min = 256,
           .max = 16 << 20},
    Option{.key = "actabeat.accounting.ahz",
           .type = integer,
           .fallback = "100",
           .help = "Clock ticks per second of accounting records that do not say (versions 0 to 2).",
           .min = 1,
           .max = 10'000},
    Option{.key = "queue.mem.events",
           .type = integer,
           .fallback = "65536",
           .help = "Most documents in the queue; a full queue holds the inputs back.",
           .min = 32,
           .max = 1 << 24},
    Option{.key = "queue.mem.bytes",
           .type = bytes,
           .fallback = "8MB",
           .help = "Most bytes of documents in the queue.",
           .min = 64 << 10},
    Option{.key = "queue.disk.max_size",
           .type = bytes,
           .fallback = "0",
           .help =
               "Most bytes of the spool on disk, at least 1MB: the queue is on disk, compressed to about a tenth of "
               "the documents' bytes. 0: the queue is in memory.",
           .min = 0},
    Option{.key = "queue.disk.path",
           .type = text,
           .fallback = "",
           .help = "Directory of the spool, of one agent alone; ${path.data}/spool when not given."},
    Option{.key = "queue.disk.segment_size",
           .type = bytes,
           .fallback = "64MB",
           .help = "Size at which a new segment file is begun; at most a quarter of queue.disk.max_size is used.",
           .min = 64 << 10,
           .max = 1 << 30},
    Option{.key = "queue.disk.reserve",
           .type = bytes,
           .fallback = "64MB",
           .help = "Bytes left free on the spool's file system.",
           .min = 0},
    Option{.key = "queue.disk.max_age",
           .type = duration,
           .fallback = "0s",
           .help = "Documents that wait longer are given up and counted, a segment at a time; 0s: never.",
           .min = 0},
    Option{.key = "queue.disk.sync",
           .type = text,
           .fallback = "200ms",
           .help =
               "When documents are made to survive a crash of the host: every so often, always (with each batch), or "
               "never (the kernel's choice). Inputs forget records only after it."},
    Option{.key = "queue.disk.when_full",
           .type = text,
           .fallback = "block",
           .help = "What a full spool does: block holds the inputs back; drop_oldest gives up the oldest documents and "
                   "counts them.",
           .choices = kWhenFull},
    Option{.key = "queue.disk.compression_level",
           .type = integer,
           .fallback = "1",
           .help = "zstd level of the spool; 0: none.",
           .min = 0,
           .max = 19},
    Option{.key = "queue.disk.encryption.key_file",
           .type = text,
           .fallback = "",
           .help = "File with a key of 64 hexadecimal digits, readable by its owner only: the spool is encrypted "
                   "(AES-256-GCM) with it."},
    Option{.key = "queue.disk.encryption.key",
           .type = text,
           .fallback = "",
           .help = "The same key itself, from the keystore: ${SPOOL_KEY}. One of the two.",
           .secret = true},
    Option{.key = "queue.disk.new_output",
           .type = text,
           .fallback = "oldest",
           .help = "Where an output begins that the spool does not know.",
           .choices = kNewOutput},
    Option{.key = "queue.disk.removed_output_grace",
           .type = duration,
           .fallback = "24h",
           .help = "How long the place of an output that is not configured any more holds documents back.",
           .min = 0},
    Option{.key = "setup.shards",
           .type = integer,
           .fallback = "0",
           .help = "number_of_shards of new backing indices, for 'actabeat setup'; 0: the server's default.",
           .min = 0,
           .max = 1024},
    Option{.key = "setup.replicas",
           .type = integer,
           .fallback = "-1",
           .help = "number_of_replicas of them; -1: the server's default.",
           .min = -1,
           .max = 128},
    Option{.key = "setup.rollover.age",
           .type = text,
           .fallback = "30d",
           .help = "Age at which the life cycle begins a new backing index, in the server's words."},
    Option{.key = "setup.rollover.size",
           .type = text,
           .fallback = "50gb",
           .help = "Size of its largest primary shard at which it does."},
    Option{.key = "setup.retention",
           .type = text,
           .fallback = "",
           .help = "How long after that the life cycle deletes a backing index (365d); never when not given."},
    Option{.key = "setup.geoip",
           .type = boolean,
           .fallback = "false",
           .help = "Let the server's ingest pipeline add source.geo and destination.geo, where it has the processor."},
    Option{.key = "setup.dashboards.file",
           .type = text,
           .fallback = "/usr/share/actabeat/kibana-dashboards/actabeat.ndjson",
           .help = "File with the dashboards, for 'actabeat setup --dashboards'."},
    Option{.key = "logging.level",
           .type = text,
           .fallback = "info",
           .help = "Least level that is logged.",
           .choices = kLevels},
    Option{.key = "logging.to_stderr",
           .type = boolean,
           .fallback = "true",
           .help = "Log to standard error; with priorities where that is the journal."},
    Option{.key = "logging.to_files",
           .type = boolean,
           .fallback = "false",
           .help = "Log to files below logging.files.path."},
    Option{.key = "logging.json", .type = boolean, .fallback = "false", .help = "One JSON object per line."},
    Option{.key = "logging.files.path",
           .type = text,
           .fallback = "",
           .help = "Directory of the log files; path.logs when not given."},
    Option{.key = "logging.files.name",
           .type = text,
           .fallback = "actabeat",
           .help = "Name of the log file, without its ending .log."},
    Option{.key = "logging.files.rotateeverybytes",
           .type = bytes,
           .fallback = "10MB",
           .help = "Size at which a new log file is begun.",
           .min = 4 << 10},
    Option{.key = "logging.files.keepfiles",
           .type = integer,
           .fallback = "7",
           .help = "How many rotated log files are kept.",
           .min = 1,
           .max = 1024},
};

constexpr std::array kInput = {
    Option{.key = "type", .type = text, .fallback = "", .help = "Kind of the input.", .required = true},
    Option{.key = "id",
           .type = text,
           .fallback = "",
           .help = "Name that its cursor is kept under, and actabeat.input of the documents; the type when not given. "
                   "Of two inputs "
                   "of a type, each needs one."},
    Option{.key = "enabled", .type = boolean, .fallback = "true", .help = "False leaves the input out."},
};

constexpr std::array kOutput = {
    Option{.key = "enabled", .type = boolean, .fallback = "true", .help = "False leaves the output out."},
};

size_t size_of(const Settings& settings, std::string_view key) {
  return static_cast<size_t>(settings.integer(key));
}

std::string text_or(const Settings& settings, std::string_view key, const std::string& otherwise) {
  return settings.has(key) && !settings.text(key).empty() ? settings.text(key) : otherwise;
}

void apply_actabeat(Config& config) {
  const Settings& s = config.general;
  config.shutdown_timeout = s.duration("actabeat.shutdown_timeout");
  config.registry_flush = s.duration("actabeat.registry.flush");
  config.health_every = s.duration("actabeat.health.period");
  config.follow = s.boolean("actabeat.sessions.enabled");
  config.accounting_ahz = static_cast<unsigned>(s.integer("actabeat.accounting.ahz"));
  config.users = {.passwd = text_or(s, "actabeat.users.passwd", ""),
                  .group = text_or(s, "actabeat.users.group", ""),
                  .entries_max = size_of(s, "actabeat.users.entries_max"),
                  .ttl = s.duration("actabeat.users.ttl"),
                  .negative_ttl = s.duration("actabeat.users.negative_ttl"),
                  .deadline = s.duration("actabeat.users.deadline")};
  config.assembly = {.age = s.duration("actabeat.assembly.age"),
                     .events_max = size_of(s, "actabeat.assembly.events_max"),
                     .records_max = size_of(s, "actabeat.assembly.records_max"),
                     .bytes_max = size_of(s, "actabeat.assembly.bytes_max"),
                     .closed_kept = size_of(s, "actabeat.assembly.closed_kept"),
                     .args_bytes_max = size_of(s, "actabeat.assembly.args_bytes_max")};
}

void apply_logging(Config& config) {
  const Settings& s = config.general;
  const std::string& level = s.text("logging.level");
  for (size_t i = 0; i < kLevels.size(); ++i) {
    if (level == kLevels[i]) config.logging.level = static_cast<log::Level>(i);
  }
  config.logging.to_stderr = s.boolean("logging.to_stderr");
  config.logging.journald = config.logging.to_stderr && log::stderr_is_journal();
  config.logging.json = s.boolean("logging.json");
  if (s.boolean("logging.to_files")) {
    config.logging.file =
        text_or(s, "logging.files.path", config.path_logs) + "/" + s.text("logging.files.name") + ".log";
  }
  config.logging.file_bytes_max = s.bytes("logging.files.rotateeverybytes");
  config.logging.files_kept = static_cast<unsigned>(s.integer("logging.files.keepfiles"));
}

}  // namespace

std::span<const Option> general_options() {
  return kGeneral;
}
std::span<const Option> input_options() {
  return kInput;
}
std::span<const Option> output_options() {
  return kOutput;
}

std::string general_fallback(std::string_view key) {
  for (const Option& option : kGeneral) {
    if (option.key == key) return std::string(option.fallback);
  }
  return "";
}

namespace {

void apply_disk_queue(const Settings& s, const std::string& path_data, QueueConfig& queue) {
  if (s.bytes("queue.disk.max_size") == 0) return;
  DiskQueueConfig disk;
  disk.path = text_or(s, "queue.disk.path", path_data + "/spool");
  disk.bytes_max = s.bytes("queue.disk.max_size");
  disk.segment_bytes = std::min(s.bytes("queue.disk.segment_size"), disk.bytes_max / 4);
  disk.reserve_bytes = s.bytes("queue.disk.reserve");
  disk.age_max = s.duration("queue.disk.max_age");
  disk.sync = s.text("queue.disk.sync");
  disk.drop_oldest = s.text("queue.disk.when_full") == "drop_oldest";
  disk.level = static_cast<int>(s.integer("queue.disk.compression_level"));
  disk.key_file = text_or(s, "queue.disk.encryption.key_file", "");
  disk.key = text_or(s, "queue.disk.encryption.key", "");
  disk.new_output_at_newest = s.text("queue.disk.new_output") == "newest";
  disk.removed_output_grace = s.duration("queue.disk.removed_output_grace");
  queue.disk = std::move(disk);
}

}  // namespace

void apply_general(Config& config) {
  const Settings& s = config.general;
  config.name = text_or(s, "name", "");
  config.host_id = text_or(s, "host.id", "");
  config.path_data = s.text("path.data");
  config.path_logs = s.text("path.logs");
  config.dead_letters_path = text_or(s, "dead_letters.path", config.path_data + "/dead_letters");
  config.queue = {.events = size_of(s, "queue.mem.events"), .bytes = size_of(s, "queue.mem.bytes")};
  config.queue.aside_path = config.path_data + "/aside";
  apply_disk_queue(s, config.path_data, config.queue);
  apply_actabeat(config);
  apply_logging(config);
}

}  // namespace acta::config
