#pragma once
#include <string>
#include <vector>

namespace acta {

/// Where packages put the configuration.
inline constexpr const char* kDefaultConfigFile = "/etc/actabeat/actabeat.yml";

/// How a command finds its configuration: -c, -E (in order, later ones win), --strict.perms.
struct ConfigOptions {
  std::string file = kDefaultConfigFile;
  std::vector<std::string> overrides;  ///< "key=value", the value in YAML
  bool strict_perms = true;            ///< refuse a file that others own or may write
};

/// actabeat run
struct RunOptions {
  ConfigOptions config;
  bool to_stderr = false;  ///< -e: log to stderr and not to files, whatever the configuration says
  bool once = false;       ///< stop when all files are read and all is delivered
};

/// actabeat replay
struct ReplayOptions {
  std::vector<std::string> files;  ///< at least one; "-" for standard input
  std::string type;                ///< "audit", "pacct", or empty: told by the content
  bool pretty = false;             ///< indented documents
  bool original = false;           ///< raw records into event.original
  bool explain_fields = false;     ///< instead of documents: where each field of each record went
  std::string passwd;              ///< passwd(5) file that user ids are named by; empty for this host's users
  std::string group;               ///< group(5) file
  std::string host_id;             ///< host.id of the documents; empty for this host's machine-id
};

/// actabeat test config
struct TestConfigOptions {
  ConfigOptions config;
};

/// actabeat test output
struct TestOutputOptions {
  ConfigOptions config;
};

/// actabeat keystore create|add|list|remove
struct KeystoreOptions {
  ConfigOptions config;
  std::string name;                ///< add
  std::vector<std::string> names;  ///< remove
  bool from_stdin = false;         ///< add: the secret is standard input, without a prompt
  bool force = false;              ///< create, add: replace what is there
};

/// actabeat spool inspect|verify|export|compact|replay-dead-letters
struct SpoolOptions {
  ConfigOptions config;
  std::string path;      ///< directory of the spool; empty: what the configuration says (and then its key, too)
  std::string key_file;  ///< key of an encrypted spool at `path`
  bool json = false;
  std::string output;          ///< export: what waits for this output; replay-dead-letters: whose letters
  uint64_t from = 0;           ///< export: first offset
  uint64_t to = UINT64_MAX;    ///< export: one past the last
  bool with_offset = false;    ///< export: a line says offset and id beside the document
  bool refused_again = false;  ///< replay-dead-letters: those that were refused in an earlier replay
};

/// actabeat setup
struct SetupOptions {
  ConfigOptions config;
  bool dry_run = false;     ///< say what would be done
  bool print = false;       ///< print the requests, send none
  bool overwrite = false;   ///< replace what others have made or changed
  bool dashboards = false;  ///< load the dashboards, and do nothing else
};

/// actabeat export template|ilm-policy|pipeline
struct ExportIndexOptions {
  std::string distribution = "elasticsearch";
  std::string version;  ///< of the server; empty for the newest known
  std::string compat = "none";
  std::string retention;
  bool geoip = false;
};

/// actabeat rules list|check|diff|apply
struct RulesOptions {
  ConfigOptions config;
  std::vector<std::string> files;  ///< rule files; none: those of the configuration
  bool replace = false;            ///< take away rules that are not named
  bool strict = false;             ///< one bad line: nothing is changed
};

/// actabeat export config|fields|schema
struct ExportOptions {
  ConfigOptions config;
  bool json = false;  ///< fields: JSON instead of YAML
};

}  // namespace acta
