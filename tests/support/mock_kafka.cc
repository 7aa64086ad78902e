#include "support/mock_kafka.h"

#include "base/check.h"
#include "client/kafka_producer.h"

namespace acta::test {
namespace {

constexpr int kBrokers = 1;
constexpr int16_t kProduce = 0;  // ApiKey of the protocol
constexpr int kReadWaitMs = 5000;

KafkaClient client(rd_kafka_type_t type, const std::string& brokers) {
  KafkaConf conf(rd_kafka_conf_new());
  CHECK(set_kafka(conf.get(), "enable.partition.eof", "true"));
  if (!brokers.empty()) CHECK(set_kafka(conf.get(), "bootstrap.servers", brokers));
  CHECK(set_kafka(conf.get(), "group.id", "reader"));
  auto made = make_kafka(type, std::move(conf));
  CHECK(made);
  return std::move(*made);
}

}  // namespace

MockKafka::MockKafka()
    : owner_(client(RD_KAFKA_PRODUCER, "")), cluster_(rd_kafka_mock_cluster_new(owner_.get(), kBrokers)) {
  CHECK(cluster_ != nullptr);
}

MockKafka::~MockKafka() {
  rd_kafka_mock_cluster_destroy(cluster_);
}

void MockKafka::make_topic(const std::string& name, int partitions) {
  CHECK(rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockKafka::set_answer_time(Nanos wait) {
  rd_kafka_mock_broker_set_rtt(cluster_, 1, static_cast<int>(wait / kMillisecond));
}

void MockKafka::fail_produce(const std::vector<rd_kafka_resp_err_t>& errors) {
  rd_kafka_mock_push_request_errors_array(cluster_, kProduce, errors.size(), errors.data());
}

void MockKafka::write(const std::string& topic, const std::string& value,
                      const std::vector<std::pair<std::string, std::string>>& headers) {
  KafkaConf conf(rd_kafka_conf_new());
  CHECK(set_kafka(conf.get(), "bootstrap.servers", address()));
  bool written = false;
  auto producer = KafkaProducer::make(std::move(conf), [&written](size_t, rd_kafka_resp_err_t outcome) {
    written = outcome == RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  CHECK(producer);
  const std::vector<std::pair<std::string_view, std::string_view>> views(headers.begin(), headers.end());
  const KafkaMessage message{.topic = topic, .value = value, .timestamp = SystemClock().realtime(), .headers = views};
  CHECK((*producer)->send(message, 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
  (*producer)->drain(kReadWaitMs * kMillisecond);
  CHECK(written);
}

std::vector<std::string> MockKafka::read(const std::string& topic) const {
  const KafkaClient reader = client(RD_KAFKA_CONSUMER, address());
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(partitions, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  CHECK(rd_kafka_assign(reader.get(), partitions) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(partitions);
  std::vector<std::string> all;
  for (bool more = true; more;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(reader.get(), kReadWaitMs);
    more = message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (more) {
      all.push_back(std::string(static_cast<const char*>(message->key), message->key_len) + "=" +
                    std::string(static_cast<const char*>(message->payload), message->len));
    }
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(reader.get());
  return all;
}

}  // namespace acta::test
