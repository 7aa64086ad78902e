#pragma once
#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "client/tls_options.h"
#include "config/option.h"

namespace acta {

inline constexpr std::string_view kKafkaMechanisms[] = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"};
inline constexpr std::string_view kKafkaVerifications[] = {"full", "certificate", "none"};
inline constexpr std::string_view kKafkaTls[] = {"auto", "true", "false"};

/// The row of kTlsOptionTable with that key.
consteval Option tls_option(std::string_view key) {
  return *std::find_if(std::begin(kTlsOptionTable), std::end(kTlsOptionTable),
                       [key](const Option& option) { return option.key == key; });
}

/// Keys of the connection to a Kafka cluster, shared by output and input: join_options(kKafkaOptionTable, …).
inline constexpr Option kKafkaOptionTable[] = {
    {.key = "hosts",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Brokers to begin with: host[:9092]. The cluster tells of the others.",
     .required = true},
    {.key = "client_id",
     .type = Option::Type::text,
     .fallback = "actabeat",
     .help = "Name of this client in the brokers' logs and quotas."},
    {.key = "username", .type = Option::Type::text, .fallback = "", .help = "User of SASL."},
    {.key = "password", .type = Option::Type::text, .fallback = "", .help = "Password of SASL.", .secret = true},
    {.key = "sasl.mechanism",
     .type = Option::Type::text,
     .fallback = "PLAIN",
     .help =
         "How username and password are given. OAUTHBEARER takes sasl.oauthbearer.* below kafka instead. SCRAM with "
         "Kafka 4 needs librdkafka 2.6.1 or newer.",
     .choices = kKafkaMechanisms},
    {.key = "ssl.enabled",
     .type = Option::Type::text,
     .fallback = "auto",
     .help = "Whether TLS is spoken; auto: where authorities or a certificate are given.",
     .choices = kKafkaTls},
    {.key = "ssl.verification_mode",
     .type = Option::Type::text,
     .fallback = "full",
     .help = "What is checked of the broker's certificate: full: chain and host name; certificate: the chain only; "
             "none: nothing, for tests.",
     .choices = kKafkaVerifications},
    tls_option("ssl.certificate_authorities"),
    tls_option("ssl.certificate"),
    tls_option("ssl.key"),
    tls_option("ssl.key_passphrase"),
    {.key = "kafka",
     .type = Option::Type::map,
     .fallback = "",
     .help = "Any other setting of librdkafka, by its name; checked by librdkafka.",
     .secret = true},
};

struct KafkaConfFree {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, KafkaConfFree>;
struct KafkaFree {
  void operator()(rd_kafka_t* kafka) const { rd_kafka_destroy(kafka); }
};
using KafkaClient = std::unique_ptr<rd_kafka_t, KafkaFree>;

/// Sets one of librdkafka's settings. Fails with Errc::config and librdkafka's own words, which do not hold the value.
Result<> set_kafka(rd_kafka_conf_t* conf, const std::string& name, const std::string& value);
/// Several of them.
Result<> set_kafka(rd_kafka_conf_t* conf, std::span<const std::pair<const char*, std::string>> settings);

/// librdkafka's settings for a connection, from a table that begins with kKafkaOptionTable: brokers, TLS, SASL. A
/// certificate is verified unless `ssl.verification_mode` says otherwise. Reads the files of certificates and keys.
/// Fails with Errc::config, the key first, or as reading a file does; never with a secret.
Result<KafkaConf> kafka_connection(const Settings& settings, Fs& fs);

/// Sets what stands below `kafka`: call it last, the user's word holds.
Result<> set_kafka_extra(const Settings& settings, rd_kafka_conf_t* conf);

/// What can be said of the settings without touching the world: names and values below `kafka`. Says in the log, as
/// `component`, what keeps this librdkafka from doing what is configured.
Result<> check_kafka_settings(const Settings& settings, std::string_view component);

/// Makes a client, whose log goes to ours: librdkafka's warnings are debug messages, since what matters of them comes
/// as errors too. Errc::config when librdkafka refuses the settings as a whole.
Result<KafkaClient> make_kafka(rd_kafka_type_t type, KafkaConf conf);

}  // namespace acta
