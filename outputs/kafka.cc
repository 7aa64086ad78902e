#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "base/log.h"
#include "client/kafka_producer.h"
#include "event/ecs.h"
#include "outputs/kafka/flight.h"
#include "outputs/output.h"

namespace acta {
namespace {

constexpr Nanos kCheckWait = 10 * kSecond;      // for the cluster's answer in connect()
constexpr Nanos kPollWait = 50 * kMillisecond;  // so long a deadline may be late
constexpr size_t kPollEvery = 256;              // documents

/// Documents to a topic of Kafka. `accepted` means that the broker has confirmed it (required_acks: all replicas in
/// sync, by default). librdkafka keeps retrying what it has, in order and without doubles (idempotent producer), so a
/// deadline that passes leaves the documents with it and the next send goes on waiting for them. Only a document that
/// is too large by itself is rejected.
class KafkaOutput final : public Output {
 public:
  struct Options {
    std::string topic;
    Settings settings;
  };
  explicit KafkaOutput(Options options) : options_(std::move(options)) {}

  Result<> connect() override {
    if (producer_ != nullptr) return {};
    auto conf = make_conf(options_.settings, fs_);
    if (!conf) return tl::unexpected(conf.error());
    auto made = KafkaProducer::make(std::move(*conf), [this](size_t tag, rd_kafka_resp_err_t outcome) {
      if (outcome == RD_KAFKA_RESP_ERR_NO_ERROR) return flight_.delivered(tag);
      refused_by_ = outcome;
      flight_.refused(tag, outcome == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    });
    if (!made) return tl::unexpected(made.error());
    if (auto reached = (*made)->check(options_.topic, kCheckWait); !reached) return reached;
    producer_ = std::move(*made);
    return {};
  }

  Attempt send(const Batch& docs, size_t from, size_t to, Nanos deadline) override {
    if (producer_ == nullptr) return Attempt::all(Fate::retry, to - from, "kafka is not connected");
    flight_.begin(docs, from, to);
    refused_by_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    launch(docs, from, deadline);
    drain(deadline);
    if (producer_->broken()) {
      trouble_ = producer_->trouble();
      producer_.reset();  // gives up what is flying: all of it goes again, in order, with a new producer
    }
    Attempt attempt;
    attempt.fate = flight_.end(docs, from);
    attempt.why = why(attempt);
    return attempt;
  }

  Result<> tick(Nanos) override {
    if (producer_ != nullptr) producer_->poll(0);
    return {};
  }

  [[nodiscard]] bool shared() const override { return true; }
  void interrupt() override { interrupted_.store(true, std::memory_order_release); }

  Result<> close() override {
    producer_.reset();
    return {};
  }

  static Result<KafkaConf> make_conf(const Settings& settings, Fs& fs);

 private:
  // Gives the producer what waits, in order, until something is refused: what comes after that is held back, for the
  // order.
  void launch(const Batch& docs, size_t from, Nanos deadline) {
    for (size_t i = 0; i < flight_.size() && !flight_.troubled(); ++i) {
      if (flight_.state(i) != Flight::State::waiting) continue;
      const bool alone = flight_.alone(i);
      if (alone && !drain(deadline)) return;
      if (!launch_one(docs[from + i], i, deadline)) return;
      if (alone && !drain(deadline)) return;
      if (i % kPollEvery == 0) producer_->poll(0);
    }
  }

  bool launch_one(const Doc& doc, size_t i, Nanos deadline) {
    const std::array<std::pair<std::string_view, std::string_view>, 4> headers = {
        {{"content-type", "application/json"},
         {"ecs.version", kEcsVersion},
         {"data_stream.dataset", doc.meta.dataset},
         {"event.id", doc.meta.id}}};
    const KafkaMessage message{.topic = options_.topic,
                               .key = doc.meta.key,
                               .value = doc.json,
                               .timestamp = doc.meta.timestamp,
                               .headers = headers};
    for (;;) {
      const rd_kafka_resp_err_t error = producer_->send(message, flight_.slot(i));
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        flight_.launched(i);
        return true;
      }
      if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL && clock_.monotonic() < deadline && !interrupted()) {
        producer_->poll(kPollWait);
        continue;
      }
      refused_by_ = error;
      if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        flight_.oversized(i);
        return true;
      }
      flight_.refused(flight_.slot(i), false);
      return false;
    }
  }

  // True when nothing is flying any more.
  bool drain(Nanos deadline) {
    while (flight_.flying() > 0 && !producer_->broken() && !interrupted()) {
      const Nanos left = deadline - clock_.monotonic();
      if (left <= 0) break;
      producer_->poll(std::min(left, kPollWait));
    }
    return flight_.flying() == 0;
  }

  [[nodiscard]] bool interrupted() const { return interrupted_.load(std::memory_order_acquire); }

  std::string why(const Attempt& attempt) {
    if (std::all_of(attempt.fate.begin(), attempt.fate.end(), [](Fate fate) { return fate == Fate::accepted; }))
      return {};
    if (refused_by_ != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fmt::format("Kafka: {}{}{}", rd_kafka_err2str(refused_by_), trouble_.empty() ? "" : ": ", trouble_);
    const std::string& trouble = producer_ == nullptr ? trouble_ : producer_->trouble();
    return trouble.empty() ? "Kafka has not confirmed yet" : "Kafka: " + trouble;
  }

  const Options options_;
  SystemClock clock_;
  PosixFs fs_;
  Flight flight_;  // outlives the producer, whose last callbacks go to it
  rd_kafka_resp_err_t refused_by_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string trouble_;
  std::atomic<bool> interrupted_{false};
  std::unique_ptr<KafkaProducer> producer_;
};

constexpr std::string_view kCompressions[] = {"none", "gzip", "snappy", "lz4", "zstd"};

constexpr Option kOwnOptions[] = {
    {.key = "topic",
     .type = Option::Type::text,
     .fallback = "actabeat",
     .help = "Topic of the documents. Documents of one host go to one partition of it, in order."},
    {.key = "required_acks",
     .type = Option::Type::integer,
     .fallback = "-1",
     .help =
         "Who has to have a document before it counts as delivered: -1 all replicas in sync, 1 the leader, 0 nobody "
         "(documents get lost). Doubles are kept out with -1 only.",
     .min = -1,
     .max = 1},
    {.key = "compression",
     .type = Option::Type::text,
     .fallback = "lz4",
     .help = "Codec of the messages.",
     .choices = kCompressions},
    {.key = "compression_level",
     .type = Option::Type::integer,
     .fallback = "-1",
     .help = "Level of the codec; -1: its default.",
     .min = -1,
     .max = 12},
    {.key = "max_message_bytes",
     .type = Option::Type::bytes,
     .fallback = "1000000",
     .help =
         "Largest message before compression; a larger document is rejected. The brokers' message.max.bytes and the "
         "topic's max.message.bytes must allow it.",
     .min = 1000,
     .max = 1'000'000'000},
    {.key = "linger",
     .type = Option::Type::duration,
     .fallback = "5ms",
     .help = "How long a request waits for more documents.",
     .min = 0,
     .max = 900 * kSecond},
};
constexpr auto kOptions = join_options(kKafkaOptionTable, kOwnOptions);

Result<KafkaConf> KafkaOutput::make_conf(const Settings& settings, Fs& fs) {
  auto conf = kafka_connection(settings, fs);
  if (!conf) return conf;
  const bool all_replicas = settings.integer("required_acks") == -1;
  const std::pair<const char*, std::string> own[] = {
      {"acks", std::to_string(settings.integer("required_acks"))},
      {"enable.idempotence", all_replicas ? "true" : "false"},
      {"compression.codec", settings.text("compression")},
      {"compression.level", std::to_string(settings.integer("compression_level"))},
      {"message.max.bytes", std::to_string(settings.bytes("max_message_bytes"))},
      {"linger.ms", std::to_string(settings.duration("linger") / kMillisecond)},
      {"message.timeout.ms", "0"},              // never given up by librdkafka
      {"queue.buffering.max.kbytes", "65536"},  // of the documents in flight; a send has bulk_max_bytes at most
      {"partitioner", "murmur2_random"},        // as Kafka's own clients: a key's partition is the same for all
  };
  for (const auto& [name, value] : own) {
    if (auto set = set_kafka(conf->get(), name, value); !set) return tl::unexpected(set.error());
  }
  if (auto set = set_kafka_extra(settings, conf->get()); !set) return tl::unexpected(set.error());
  return conf;
}

constexpr Component<Output> kKafka = {
    .name = "kafka",
    .summary = "Documents to a topic of Apache Kafka.",
    .options = kOptions,
    .make = [](const Settings& settings) -> Result<std::unique_ptr<Output>> {
      PosixFs fs;
      if (auto conf = KafkaOutput::make_conf(settings, fs); !conf && conf.error().code == Errc::config)
        return tl::unexpected(conf.error());
      if (const std::string limit = kafka_limits(settings); !limit.empty()) log::warning("kafka", limit);
      return std::make_unique<KafkaOutput>(KafkaOutput::Options{settings.text("topic"), settings});
    },
};

const Register<Output> kRegistered(kKafka);

}  // namespace
}  // namespace acta
