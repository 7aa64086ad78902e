#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "client/kafka_conf.h"

namespace acta::test {

/// librdkafka's own imitation of a cluster, of one broker: for what a real one does not do when it is asked to. It
/// makes topics, of one partition, when they are named. One thread.
class MockKafka {
 public:
  MockKafka();
  ~MockKafka();
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  [[nodiscard]] std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void make_topic(const std::string& name, int partitions = 1);
  /// How long the broker takes for an answer from now on.
  void set_answer_time(Nanos wait);
  /// The next produce requests are answered by these errors, _TRANSPORT by closing the connection.
  void fail_produce(const std::vector<rd_kafka_resp_err_t>& errors);
  /// Writes a message, by a client of its own. Headers: name and value.
  void write(const std::string& topic, const std::string& value,
             const std::vector<std::pair<std::string, std::string>>& headers = {});
  /// Keys of messages, "key=value", in the order of the one partition.
  [[nodiscard]] std::vector<std::string> read(const std::string& topic) const;

 private:
  KafkaClient owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace acta::test
