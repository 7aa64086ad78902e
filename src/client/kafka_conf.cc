#include "client/kafka_conf.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/log.h"

namespace acta {
namespace {

constexpr size_t kPemBytesMax = 4u << 20;
constexpr int kScramMended = 0x020601ff;  // librdkafka 2.6.1: before it the client's nonce changed between messages

/// The text of a key, empty where it was not given.
std::string text_of(const Settings& settings, std::string_view key) {
  return settings.has(key) ? settings.text(key) : std::string();
}

bool uses_tls(const Settings& settings) {
  if (const std::string& enabled = settings.text("ssl.enabled"); enabled != "auto") return enabled == "true";
  const bool authorities =
      settings.has("ssl.certificate_authorities") && !settings.list("ssl.certificate_authorities").empty();
  return authorities || !text_of(settings, "ssl.certificate").empty();
}

bool uses_sasl(const Settings& settings) {
  return !text_of(settings, "username").empty() || settings.text("sasl.mechanism") == "OAUTHBEARER";
}

Result<std::string> pem_of(const std::string& what, Fs& fs) {
  return is_pem(what) ? Result<std::string>(what) : read_file(fs, what, kPemBytesMax);
}

Result<> set_pem(rd_kafka_conf_t* conf, const std::string& name, const std::string& what, Fs& fs) {
  if (what.empty()) return {};
  auto pem = pem_of(what, fs);
  if (!pem) return tl::unexpected(pem.error());
  return set_kafka(conf, name, *pem);
}

Result<> set_tls(const Settings& settings, rd_kafka_conf_t* conf, Fs& fs) {
  const std::string& mode = settings.text("ssl.verification_mode");
  if (auto done = set_kafka(conf, "enable.ssl.certificate.verification", mode == "none" ? "false" : "true"); !done)
    return done;
  if (auto done = set_kafka(conf, "ssl.endpoint.identification.algorithm", mode == "full" ? "https" : "none"); !done)
    return done;
  std::string authorities;
  if (settings.has("ssl.certificate_authorities")) {
    for (const std::string& each : settings.list("ssl.certificate_authorities")) {
      auto pem = pem_of(each, fs);
      if (!pem) return tl::unexpected(pem.error());
      authorities.append(*pem).append("\n");
    }
  }
  if (auto done = set_pem(conf, "ssl.ca.pem", authorities, fs); !done) return done;
  if (auto done = set_pem(conf, "ssl.certificate.pem", text_of(settings, "ssl.certificate"), fs); !done) return done;
  if (const std::string phrase = text_of(settings, "ssl.key_passphrase"); !phrase.empty()) {
    if (auto done = set_kafka(conf, "ssl.key.password", phrase); !done) return done;
  }
  return set_pem(conf, "ssl.key.pem", text_of(settings, "ssl.key"), fs);
}

Result<> set_sasl(const Settings& settings, rd_kafka_conf_t* conf) {
  const std::string& mechanism = settings.text("sasl.mechanism");
  if (auto done = set_kafka(conf, "sasl.mechanism", mechanism); !done) return done;
  if (mechanism == "OAUTHBEARER") return {};
  if (auto done = set_kafka(conf, "sasl.username", text_of(settings, "username")); !done) return done;
  return set_kafka(conf, "sasl.password", text_of(settings, "password"));
}

}  // namespace

Result<> set_kafka(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char why[512] = "";
  const rd_kafka_conf_res_t set = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why);
  if (set == RD_KAFKA_CONF_OK) return {};
  if (set == RD_KAFKA_CONF_UNKNOWN)
    return fail(Errc::config, fmt::format("kafka.{}: librdkafka {} has no such setting", name, rd_kafka_version_str()));
  std::string text(why);  // may repeat the value
  for (size_t at = 0; !value.empty() && (at = text.find(value, at)) != std::string::npos;)
    text.replace(at, value.size(), "…");
  return fail(Errc::config, fmt::format("kafka.{}: {}", name, text));
}

Result<> set_kafka(rd_kafka_conf_t* conf, std::span<const std::pair<const char*, std::string>> settings) {
  for (const auto& [name, value] : settings) {
    if (auto done = set_kafka(conf, name, value); !done) return done;
  }
  return {};
}

Result<KafkaConf> kafka_connection(const Settings& settings, Fs& fs) {
  KafkaConf conf(rd_kafka_conf_new());
  const bool tls = uses_tls(settings), sasl = uses_sasl(settings);
  const std::pair<const char*, std::string> own[] = {
      {"bootstrap.servers", fmt::format("{}", fmt::join(settings.list("hosts"), ","))},
      {"client.id", settings.text("client_id")},
      {"client.software.name", "actabeat"},
      {"security.protocol", std::string(sasl ? "sasl_" : "") + (tls ? "ssl" : "plaintext")}};
  auto done = set_kafka(conf.get(), own);
  if (done && tls) done = set_tls(settings, conf.get(), fs);
  if (done && sasl) done = set_sasl(settings, conf.get());
  if (!done) return tl::unexpected(done.error());
  return conf;
}

Result<> set_kafka_extra(const Settings& settings, rd_kafka_conf_t* conf) {
  if (!settings.has("kafka")) return {};
  for (const auto& [name, value] : settings.map("kafka")) {
    if (auto done = set_kafka(conf, name, value); !done) return done;
  }
  return {};
}

Result<> check_kafka_settings(const Settings& settings, std::string_view component) {
  const KafkaConf conf(rd_kafka_conf_new());
  if (uses_sasl(settings)) {
    if (auto set = set_sasl(settings, conf.get()); !set) return set;
    if (!uses_tls(settings)) log::warning(component, "credentials are sent in clear text: speak TLS (ssl.enabled)");
  }
  if (auto set = set_kafka_extra(settings, conf.get()); !set) return set;
  std::array<char, 64> mechanism{};
  size_t size = mechanism.size();
  rd_kafka_conf_get(conf.get(), "sasl.mechanism", mechanism.data(), &size);
  const bool scram = std::string_view(mechanism.data()).starts_with("SCRAM");
  if (!scram || rd_kafka_version() >= kScramMended) return {};
  log::warning(component, fmt::format("librdkafka {} cannot log in to Kafka 4 by {}: its nonce is refused (\"Invalid "
                                      "client nonce\"). Use librdkafka 2.6.1 or newer, sasl.mechanism PLAIN over TLS, "
                                      "or a client certificate",
                                      rd_kafka_version_str(), mechanism.data()));
  return {};
}

Result<KafkaClient> make_kafka(rd_kafka_type_t type, KafkaConf conf) {
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t*, int, const char* facility, const char* text) {
    log::debug("kafka", fmt::format("{}: {}", facility, text));
  });
  std::array<char, 512> why{};
  KafkaClient client(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (client == nullptr) return fail(Errc::config, fmt::format("librdkafka: {}", why.data()));
  static_cast<void>(conf.release());  // rd_kafka_new has taken it
  return client;
}

}  // namespace acta
