#include "support/kafka_topic.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>

#include "client/kafka_conf.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

constexpr int kWaitMs = 30'000;
constexpr char kBetween = '\x1f';  // of the fields of a message

template <class T, void (*Destroy)(T*)>
struct Free {
  void operator()(T* object) const { Destroy(object); }
};

using Queue = std::unique_ptr<rd_kafka_queue_t, Free<rd_kafka_queue_t, rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Free<rd_kafka_event_t, rd_kafka_event_destroy>>;

Result<KafkaClient> client_of(const std::string& brokers) {
  KafkaConf conf(rd_kafka_conf_new());
  if (auto set = set_kafka(conf.get(), "bootstrap.servers", brokers); !set) return tl::unexpected(set.error());
  return make_kafka(RD_KAFKA_PRODUCER, std::move(conf));
}

}  // namespace

Result<> make_topic(const std::string& brokers, const std::string& name, int partitions,
                    const std::map<std::string, std::string>& settings) {
  auto client = client_of(brokers);
  if (!client) return tl::unexpected(client.error());
  char why[512] = "";
  std::unique_ptr<rd_kafka_NewTopic_t, Free<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>> topic(
      rd_kafka_NewTopic_new(name.c_str(), partitions, 1, why, sizeof why));
  if (topic == nullptr) return fail(Errc::config, why);
  for (const auto& [key, value] : settings) rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  const Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client->get(), topics, 1, nullptr, queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), kWaitMs));
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::io, "no answer to CreateTopics");
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1 || rd_kafka_topic_result_error(results[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::io, "CreateTopics refused " + name);
  return {};
}

Result<> delete_records(const std::string& brokers, const std::string& topic, int partition, int64_t offset) {
  auto client = client_of(brokers);
  if (!client) return tl::unexpected(client.error());
  rd_kafka_topic_partition_list_t* upto = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(upto, topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(upto);
  rd_kafka_topic_partition_list_destroy(upto);
  const Queue queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteRecords(client->get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  const Event event(rd_kafka_queue_poll(queue.get(), kWaitMs));
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::io, "DeleteRecords refused " + topic);
  return {};
}

std::vector<ReadMessage> read_topic(const std::string& brokers, const std::string& topic, const std::string& options) {
  // Its warnings, as of a broker that has just come back, would be in the middle of a message.
  const TempDir dir;
  const Ran ran = run_shell("kcat -C -q -e -o beginning -b " + brokers + " -t " + topic + " " + options +
                            " -f '%p\\x1f%o\\x1f%T\\x1f%k\\x1f%h\\x1f%s\\n' 2>" + dir / "warnings");
  EXPECT_EQ(ran.status, 0) << dir.read("warnings");
  std::vector<ReadMessage> all;
  std::istringstream lines(ran.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::vector<std::string> field(6);
    for (std::string& each : field) std::getline(fields, each, kBetween);
    all.push_back({std::stoi(field[0]), std::stoll(field[1]), std::stoll(field[2]), field[3], field[4], field[5]});
  }
  return all;
}

}  // namespace acta::test
