#include "app/decoding.h"

namespace acta {

Result<> Decoding::load_users(const Clock& clock, const UsersConfig& config) {
  if (config.passwd.empty() && config.group.empty()) {
    UserDb::Limits limits;
    if (config.entries_max != 0) {
      limits = {.entries_max = config.entries_max,
                .ttl = config.ttl,
                .negative_ttl = config.negative_ttl,
                .deadline = config.deadline};
    }
    users_ = UserDb::of_host(clock, limits);
    foreign_users_ = UserDb::empty();
    return {};
  }
  for (std::unique_ptr<UserDb>* users : {&users_, &foreign_users_}) {
    auto read = UserDb::of_files(config.passwd, config.group);
    if (!read) return tl::unexpected(read.error());
    *users = std::move(*read);
  }
  return {};
}

Result<std::unique_ptr<Decoding>> Decoding::make(const Clock& clock, Fs& fs, const Options& options) {
  auto host = read_host(fs, options.host_id);
  if (!host) return tl::unexpected(host.error());
  auto agent = load_agent(fs, options.path_data, options.agent_name.empty() ? host->name : options.agent_name);
  if (!agent) return tl::unexpected(agent.error());
  auto decoding = std::unique_ptr<Decoding>(new Decoding);
  decoding->options_ = options;
  if (auto loaded = decoding->load_users(clock, options.users); !loaded) return tl::unexpected(loaded.error());
  ConstantParts::ReadHost again;
  if (options.refresh_host) again = [&fs, id = host->id] { return read_host(fs, id); };
  decoding->services_ = {.clock = &clock,
                         .parts = nullptr,
                         .users = decoding->users_.get(),
                         .foreign_users = decoding->foreign_users_.get(),
                         .host_id = host->id,
                         .host_name = host->hostname};
  decoding->parts_ = std::make_unique<ConstantParts>(std::move(*agent), std::move(*host), std::move(again));
  decoding->services_.parts = decoding->parts_.get();
  return decoding;
}

std::vector<std::unique_ptr<Decoder>> Decoding::decoders() const {
  std::vector<std::unique_ptr<Decoder>> all;
  all.push_back(audit::make_decoder(services_, options_.audit));
  all.push_back(accounting::make_decoder(services_, options_.accounting));
  return all;
}

}  // namespace acta
