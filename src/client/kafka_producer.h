#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "client/kafka_conf.h"
#include "client/kafka_trouble.h"

namespace acta {

/// One message to be sent. Everything but the value is copied by send().
struct KafkaMessage {
  std::string_view topic{};
  std::string_view key{};    ///< decides the partition; empty: any
  std::string_view value{};  ///< its bytes stay where they are until the callback, or the end of the producer
  Nanos timestamp = 0;       ///< since 1970; Kafka keeps milliseconds
  /// Headers, name and value.
  std::span<const std::pair<std::string_view, std::string_view>> headers{};
};

/// A producer over librdkafka. librdkafka retries by itself, in order, with the threads it has; what became of a
/// message is told once, by the callback, from within poll(), drain() or the destructor. One thread, but for
/// interrupt().
class KafkaProducer {
 public:
  /// `tag` is what send() was given. RD_KAFKA_RESP_ERR_NO_ERROR: the broker has confirmed it.
  using Delivered = std::function<void(size_t tag, rd_kafka_resp_err_t outcome)>;

  /// Takes the settings over. Connects in the background. Errc::config when librdkafka refuses them.
  static Result<std::unique_ptr<KafkaProducer>> make(KafkaConf conf, Delivered delivered);
  /// What is still waiting is given up; a message that is on its way may arrive nevertheless, and not every one of them
  /// is called back for.
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  /// Puts a message into librdkafka's queue. Any error but NO_ERROR: it was not taken and there will be no callback;
  /// _QUEUE_FULL: poll() and try again, MSG_SIZE_TOO_LARGE: larger than message.max.bytes.
  rd_kafka_resp_err_t send(const KafkaMessage& message, size_t tag);
  /// Calls back for what was confirmed or has failed; waits up to `wait` for the first.
  void poll(Nanos wait);
  /// The same until nothing is left to be confirmed or `wait` is over, without waiting for requests to fill up.
  void drain(Nanos wait);
  /// Asks the cluster for the topic (empty: for itself), waiting up to `wait` or until `stop`. Fails with what is
  /// wrong: no broker, not allowed, no such topic (Errc::io, Errc::denied, Errc::unsupported).
  Result<> check(const std::string& topic, Nanos wait, const std::atomic<bool>& stop);
  /// Nothing more can be sent with this producer; messages that were not confirmed may or may not have arrived.
  [[nodiscard]] bool broken() const;
  /// Why it is broken.
  [[nodiscard]] std::string why_broken() const;
  /// What librdkafka told of since the last confirmed message.
  [[nodiscard]] const KafkaTrouble& trouble() const { return trouble_; }

 private:
  explicit KafkaProducer(Delivered delivered) : delivered_(std::move(delivered)) {}
  rd_kafka_topic_t* topic_of(std::string_view name);
  rd_kafka_resp_err_t ask(rd_kafka_topic_t* topic, Nanos wait);
  static void on_delivered(rd_kafka_t* kafka, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* kafka, int error, const char* reason, void* self);

  Delivered delivered_;
  rd_kafka_t* kafka_ = nullptr;
  std::string topic_name_;
  rd_kafka_topic_t* topic_ = nullptr;  // the one of the last message
  KafkaTrouble trouble_;
};

}  // namespace acta
