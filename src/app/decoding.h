#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "config/config.h"
#include "processors/accounting/decoder.h"
#include "processors/audit/decoder.h"
#include "processors/decoder.h"
#include "sys/services.h"

namespace acta {

/// What decoding stands on: host, agent and users, and the decoders over them. Made once by a command; used by the
/// pipeline thread.
class Decoding {
 public:
  struct Options {
    std::string host_id;     ///< configured host.id; empty for /etc/machine-id
    std::string agent_name;  ///< empty for the host's name
    std::string path_data;   ///< where the agent's id is kept; empty: a new one each time
    UsersConfig users;
    audit::DecoderOptions audit;
    accounting::DecoderOptions accounting;
    bool refresh_host = false;  ///< host.* is read again now and then
  };

  static Result<std::unique_ptr<Decoding>> make(const Clock& clock, Fs& fs, const Options& options);

  /// New decoders over it, one per kind; they must not outlive it.
  [[nodiscard]] std::vector<std::unique_ptr<Decoder>> decoders() const;
  ConstantParts& parts() { return *parts_; }
  [[nodiscard]] const Services& services() const { return services_; }

 private:
  Decoding() = default;
  Result<> load_users(const Clock& clock, const UsersConfig& config);

  Options options_;
  std::unique_ptr<ConstantParts> parts_;
  std::unique_ptr<UserDb> users_;
  std::unique_ptr<UserDb> foreign_users_;
  Services services_;
};

}  // namespace acta
