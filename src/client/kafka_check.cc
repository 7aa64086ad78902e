#include "client/kafka_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "client/kafka_trouble.h"

namespace acta {
namespace {

constexpr Nanos kAskWait = 250 * kMillisecond;  // for one answer of the cluster

struct MetadataFree {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, MetadataFree>;
struct TopicFree {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

std::string setting(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 1024> value{};
  size_t size = value.size();
  return rd_kafka_conf_get(conf, name, value.data(), &size) == RD_KAFKA_CONF_OK ? value.data() : "";
}

void note(rd_kafka_t*, int error, const char* reason, void* trouble) {
  static_cast<KafkaTrouble*>(trouble)->tell(static_cast<rd_kafka_resp_err_t>(error), reason);
}

/// The cluster's answer; none when the time is over or the login is refused.
Metadata ask(rd_kafka_t* kafka, rd_kafka_topic_t* topic, Nanos wait, const KafkaTrouble& trouble) {
  const rd_kafka_metadata_t* metadata = nullptr;
  for (Nanos left = wait; left > 0 && !trouble.locked_out(); left -= kAskWait) {
    if (rd_kafka_metadata(kafka, 0, topic, &metadata, kAskWait / kMillisecond) == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    rd_kafka_poll(kafka, 0);  // says why there is no answer
  }
  return Metadata(metadata);
}

CheckStep brokers_of(const rd_kafka_metadata_t& metadata) {
  CheckStep step{.name = "brokers"};
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata.brokers[i];
    step.detail += fmt::format("{}{}:{} (id {})", i > 0 ? ", " : "", broker.host, broker.port, broker.id);
  }
  return step;
}

CheckStep partitions_of(const rd_kafka_metadata_topic_t& topic) {
  CheckStep step{.name = fmt::format("topic {}", topic.topic)};
  if (topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return {step.name, false, "is not there: make it, or let the brokers make topics (auto.create.topics.enable)"};
  }
  if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return {step.name, false, "this user may not see it: it needs WRITE and DESCRIBE"};
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {step.name, false, rd_kafka_err2str(topic.err)};
  int leaderless = 0, replicas = INT32_MAX, in_sync = INT32_MAX;
  std::set<int32_t> leaders;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = topic.partitions[i];
    replicas = std::min(replicas, partition.replica_cnt);
    in_sync = std::min(in_sync, partition.isr_cnt);
    if (partition.leader < 0) ++leaderless;
    if (partition.leader >= 0) leaders.insert(partition.leader);
  }
  step.good = leaderless == 0 && topic.partition_cnt > 0;
  step.detail = fmt::format("{} partition{} on {} broker{}, each {} time{}, at least {} in sync", topic.partition_cnt,
                            topic.partition_cnt == 1 ? "" : "s", leaders.size(), leaders.size() == 1 ? "" : "s",
                            replicas, replicas == 1 ? "" : "s", in_sync);
  if (leaderless > 0) step.detail += fmt::format(", {} without a leader", leaderless);
  return step;
}

CheckStep login_of(const rd_kafka_conf_t* conf) {
  const std::string protocol = setting(conf, "security.protocol"), mechanism = setting(conf, "sasl.mechanism");
  const bool tls = protocol.find("ssl") != std::string::npos, sasl = protocol.starts_with("sasl");
  const bool verified = setting(conf, "enable.ssl.certificate.verification") == "true";
  std::string login = "no login";
  if (tls && !setting(conf, "ssl.certificate.pem").empty()) login = "by a client certificate";
  if (sasl && mechanism == "OAUTHBEARER") login = "by SASL OAUTHBEARER";
  if (sasl && mechanism != "OAUTHBEARER") {
    login = fmt::format("as {} by SASL {}", setting(conf, "sasl.username"), mechanism);
  }
  const char* certificate = verified ? "TLS, the broker's certificate is verified" : "TLS, WITHOUT VERIFICATION";
  return {.name = "authentication", .detail = fmt::format("{}; {}", login, tls ? certificate : "no TLS")};
}

}  // namespace

std::vector<CheckStep> check_kafka(KafkaConf conf, const std::string& topic, Nanos wait) {
  KafkaTrouble trouble;
  rd_kafka_conf_set_opaque(conf.get(), &trouble);
  rd_kafka_conf_set_error_cb(conf.get(), note);
  if (auto set = set_kafka(conf.get(), "allow.auto.create.topics", "false"); !set)
    return {{"settings", false, set.error().what}};
  CheckStep login = login_of(conf.get());
  auto kafka = make_kafka(RD_KAFKA_PRODUCER, std::move(conf));
  if (!kafka) return {{"settings", false, kafka.error().what}};
  std::unique_ptr<rd_kafka_topic_t, TopicFree> handle;
  if (!topic.empty()) {
    handle.reset(rd_kafka_topic_new(kafka->get(), topic.c_str(), nullptr));
    if (handle == nullptr) return {{"topic", false, fmt::format("Kafka can have no topic of the name '{}'", topic)}};
  }
  const Metadata metadata = ask(kafka->get(), handle.get(), wait, trouble);
  if (metadata == nullptr) {
    const std::string why = trouble.empty() ? "no answer; are hosts and port right?" : trouble.text();
    if (trouble.locked_out()) return {{login.name, false, fmt::format("{}: {}", login.detail, why)}};
    return {{"brokers", false, why}};
  }
  std::vector<CheckStep> steps{brokers_of(*metadata), std::move(login)};
  if (topic.empty()) {
    steps.push_back({.name = "topic", .detail = "named by each document"});
  } else if (metadata->topic_cnt > 0) {
    steps.push_back(partitions_of(metadata->topics[0]));
  }
  return steps;
}

}  // namespace acta
