#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "base/log.h"
#include "client/kafka_check.h"
#include "client/kafka_producer.h"
#include "event/ecs.h"
#include "event/format_string.h"
#include "outputs/kafka/flight.h"
#include "outputs/output.h"

namespace acta {
namespace {

constexpr Nanos kCheckWait = 10 * kSecond;      // for the cluster's answer in connect()
constexpr Nanos kPollWait = 50 * kMillisecond;  // so long a deadline may be late
constexpr size_t kRequestBytes = 480'000;       // of documents in a request; glibc unmaps larger blocks each time
constexpr size_t kAroundBytes = 300;            // of a message, around the document: key, headers
constexpr size_t kTopicBytesMax = 249;          // Kafka's limit for the names of topics

/// Documents bring anything; of names of topics Kafka allows letters, digits, '.', '_' and '-', up to 249 of them
/// (org.apache.kafka.common.internals.Topic).
void make_topic_name(std::string& name) {
  for (char& c : name) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!allowed) c = '_';
  }
  name.resize(std::min(name.size(), kTopicBytesMax));
  if (name.empty() || name == "." || name == "..") name = "none";
}

bool is_for_size(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || error == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

/// Documents to a topic of Kafka. `accepted` means that the broker has confirmed it (required_acks: all replicas in
/// sync, by default). librdkafka keeps retrying what it has, in order and without doubles (idempotent producer), so a
/// deadline that passes leaves the documents with it and the next send goes on waiting for them. Only a document that
/// is too large by itself is rejected. The documents' bytes are not copied: librdkafka reads them until they are
/// confirmed, and as long as they are not, their fate is not final.
class KafkaOutput final : public Output {
 public:
  struct Options {
    FormatString topic, key;
    std::string only_topic;  ///< the topic, where it is the same for all documents
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
      flight_.refused(tag, is_for_size(outcome));
    });
    if (!made) return tl::unexpected(made.error());
    if (auto reached = (*made)->check(options_.only_topic, kCheckWait, interrupted_); !reached) return reached;
    producer_ = std::move(*made);
    return {};
  }

  std::vector<CheckStep> check() override {
    auto conf = make_conf(options_.settings, fs_);
    if (!conf) return {{"settings", false, conf.error().what}};
    return check_kafka(std::move(*conf), options_.only_topic, kCheckWait);
  }

  Attempt send(Docs docs, Nanos deadline) override {
    if (producer_ == nullptr) return Attempt::all(Fate::retry, docs.size(), "kafka is not connected");
    flight_.begin(docs);
    address(docs);
    refused_by_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    launch(docs, deadline);
    drain(deadline);
    std::string broken;
    if (producer_->broken()) {
      broken = producer_->why_broken();
      drop_producer();  // what was flying goes again, in order, with a new one
    }
    Attempt attempt;
    attempt.fate = flight_.end(docs, keys_);
    attempt.why = why(attempt, broken);
    return attempt;
  }

  Result<> tick(Nanos) override {
    if (producer_ != nullptr) producer_->poll(0);
    return {};
  }

  [[nodiscard]] bool shared() const override { return true; }
  void interrupt() override { interrupted_.store(true, std::memory_order_release); }

  [[nodiscard]] std::vector<std::string> fields() const override {
    std::vector<std::string> all = options_.topic.fields();
    all.insert(all.end(), options_.key.fields().begin(), options_.key.fields().end());
    return all;
  }

  Result<> close() override {
    drop_producer();
    return {};
  }

  static Result<KafkaConf> make_conf(const Settings& settings, Fs& fs);
  static Result<std::unique_ptr<Output>> make(const Settings& settings);

 private:
  void drop_producer() {
    producer_.reset();
    flight_.crashed();
  }

  // Topic and key of a document, in place_: valid until the next one's.
  std::pair<std::string_view, std::string_view> place_of(const Meta& meta) {
    place_.clear();
    options_.topic.append(meta, place_);
    if (options_.only_topic.empty()) make_topic_name(place_);
    const size_t topic_bytes = place_.size();
    options_.key.append(meta, place_);
    return {std::string_view(place_).substr(0, topic_bytes), std::string_view(place_).substr(topic_bytes)};
  }

  // Which documents have to keep their order: those of one topic and key.
  void address(Docs docs) {
    keys_.clear();
    for (const Doc& doc : docs) {
      static_cast<void>(place_of(doc.meta));
      keys_.push_back(std::hash<std::string>{}(place_));
    }
  }

  // Gives the producer what waits, in order, until something is refused: what comes after that is held back, for the
  // order. A request's worth at a time: an idempotent producer has one request of a partition under way at once, and
  // librdkafka, 2.0.2 at least, turns in a busy loop while a second one waits for its answer.
  void launch(Docs docs, Nanos deadline) {
    size_t bytes = 0;
    for (size_t i = 0; i < flight_.size() && !flight_.troubled(); ++i) {
      if (flight_.state(i) != Flight::State::waiting) continue;
      const size_t size = docs[i].json.size() + kAroundBytes;
      const bool alone = flight_.alone(i);
      if (alone || bytes + size > kRequestBytes) {
        if (!drain(deadline)) return;
        bytes = 0;
      }
      bytes += size;
      if (!launch_one(docs[i], i, deadline)) return;
      if (alone && !drain(deadline)) return;
    }
  }

  bool launch_one(const Doc& doc, size_t i, Nanos deadline) {
    const std::array<std::pair<std::string_view, std::string_view>, 4> headers = {
        {{"content-type", "application/json"},
         {"ecs.version", kEcsVersion},
         {"data_stream.dataset", doc.meta.dataset},
         {"event.id", doc.meta.id}}};
    const auto [topic, key] = place_of(doc.meta);
    const KafkaMessage message{
        .topic = topic, .key = key, .value = doc.json, .timestamp = doc.meta.timestamp, .headers = headers};
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
      if (is_for_size(error)) {
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
      producer_->drain(std::min(left, kPollWait));
    }
    return flight_.flying() == 0;
  }

  [[nodiscard]] bool interrupted() const { return interrupted_.load(std::memory_order_acquire); }

  [[nodiscard]] std::string why(const Attempt& attempt, const std::string& broken) const {
    if (std::all_of(attempt.fate.begin(), attempt.fate.end(), [](Fate fate) { return fate == Fate::accepted; }))
      return {};
    if (!broken.empty()) return "Kafka: the producer has to begin anew: " + broken;
    const std::string trouble = producer_->trouble().text();
    if (refused_by_ != RD_KAFKA_RESP_ERR_NO_ERROR)
      return fmt::format("Kafka: {}{}{}", rd_kafka_err2str(refused_by_), trouble.empty() ? "" : ": ", trouble);
    return trouble.empty() ? "Kafka has not confirmed yet" : "Kafka: " + trouble;
  }

  const Options options_;
  SystemClock clock_;
  PosixFs fs_;
  Flight flight_;               // outlives the producer, whose last callbacks go to it
  std::vector<uint64_t> keys_;  // of the documents of a send
  std::string place_;
  rd_kafka_resp_err_t refused_by_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::atomic<bool> interrupted_{false};
  std::unique_ptr<KafkaProducer> producer_;
};

constexpr std::string_view kCompressions[] = {"none", "gzip", "snappy", "lz4", "zstd"};

constexpr Option kOwnOptions[] = {
    {.key = "topic",
     .type = Option::Type::text,
     .fallback = "actabeat",
     .help =
         "Topic of the documents, a format string: actabeat-%{[event.dataset]}. What Kafka does not allow in a name "
         "becomes an underscore."},
    {.key = "key",
     .type = Option::Type::text,
     .fallback = R"("%{[host.id]}")",
     .help = "Key of a message, a format string. It decides the partition: documents of one key stay in order."},
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
      {"linger.ms", "1000"},                    // requests fill up while a send is handed over; drain() ends that
      {"message.timeout.ms", "0"},              // never given up by librdkafka
      {"queue.buffering.max.kbytes", "65536"},  // of the documents in flight; a send has bulk_max_bytes at most
      {"partitioner", "murmur2_random"},        // as Kafka's own clients: a key's partition is the same for all
  };
  if (auto set = set_kafka(conf->get(), own); !set) return tl::unexpected(set.error());
  if (auto set = set_kafka_extra(settings, conf->get()); !set) return tl::unexpected(set.error());
  return conf;
}

Result<std::unique_ptr<Output>> KafkaOutput::make(const Settings& settings) {
  if (auto good = check_kafka_settings(settings, "kafka"); !good) return tl::unexpected(good.error());
  const std::string& topic = settings.text("topic");
  auto topic_format = FormatString::parse(topic);
  if (!topic_format) return fail(Errc::config, "topic: " + topic_format.error().what);
  auto key_format = FormatString::parse(settings.text("key"));
  if (!key_format) return fail(Errc::config, "key: " + key_format.error().what);
  std::string allowed = topic;
  make_topic_name(allowed);
  const bool is_format = topic.find("%{") != std::string::npos;
  if (!is_format && allowed != topic)
    return fail(Errc::config, fmt::format("topic: Kafka can have no topic of the name '{}'", topic));
  return std::make_unique<KafkaOutput>(Options{.topic = std::move(*topic_format),
                                               .key = std::move(*key_format),
                                               .only_topic = is_format ? std::string() : topic,
                                               .settings = settings});
}

constexpr Component<Output> kKafka = {.name = "kafka",
                                      .summary = "Documents to a topic of Apache Kafka.",
                                      .options = kOptions,
                                      .make = KafkaOutput::make};
const Register<Output> kRegistered(kKafka);

}  // namespace
}  // namespace acta
