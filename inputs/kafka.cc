#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "client/kafka_consumer.h"
#include "inputs/input.h"
#include "inputs/kafka/message_reader.h"
#include "inputs/kafka/offset_book.h"
#include "sys/fd.h"

namespace acta {
namespace {

constexpr size_t kPullBytes = 256u << 10;
constexpr size_t kTakeMessages = 16;  // at once: as large as they may be, what is taken has to fit into memory

constexpr std::string_view kOffsets[] = {"oldest", "newest"};

constexpr Option kOwnOptions[] = {
    {.key = "topics",
     .type = Option::Type::list,
     .fallback = "",
     .help = "Topics to read; a name that begins with ^ is a regular expression.",
     .required = true},
    {.key = "group_id",
     .type = Option::Type::text,
     .fallback = "actabeat",
     .help = "Consumer group: the agents of one group share the partitions, and its places are kept by Kafka."},
    {.key = "initial_offset",
     .type = Option::Type::text,
     .fallback = "oldest",
     .help = "Where a group begins that has no place in a partition.",
     .choices = kOffsets},
    {.key = "allowed_datasets",
     .type = Option::Type::list,
     .fallback = "[\"actabeat.*\"]",
     .help = "Streams that a message may name by its header or its field data_stream.dataset; * stands for anything. A "
             "message that names another goes to the dead letters: whoever may write to the topic may write headers."},
    {.key = "other_dataset",
     .type = Option::Type::text,
     .fallback = "actabeat.other",
     .help = "Stream of documents that name none: those of other shippers."},
};
constexpr auto kOptions = join_options(kKafkaOptionTable, kOwnOptions);

/// Finished documents from topics of Kafka. Several agents with one group share the partitions; any of them may die.
///
/// Kafka keeps the group's place, not our registry: an offset is committed when all documents before it are safe, so
/// what an agent that dies had not delivered is read again by another. A position's offset is a number that counts the
/// messages of this run; OffsetBook knows which they were.
class KafkaInput final : public Input {
 public:
  KafkaInput(Settings settings, MessageReader::Options reading)
      : settings_(std::move(settings)), reader_(std::move(reading)) {}

  void stop_at_end() override { stop_at_end_ = true; }

  Result<> open(uint16_t source, const Cursor& resume) override {
    source_ = source;
    run_ = resume.read_to.file + 1;
    wake_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!wake_) return fail_errno("cannot make an eventfd", errno);
    auto conf = make_conf();
    if (!conf) return tl::unexpected(conf.error());
    KafkaConsumer::Options options{.topics = settings_.list("topics"),
                                   .from_newest = settings_.text("initial_offset") == "newest",
                                   .wake_fd = wake_.get(),
                                   .settled = [this](KafkaConsumer::Tenure tenure) { return !book_.holds(tenure); }};
    auto made = KafkaConsumer::make(std::move(*conf), std::move(options), clock_);
    if (!made) return tl::unexpected(made.error());
    consumer_ = std::move(*made);
    return {};
  }

  [[nodiscard]] int poll_fd() const override { return wake_.get(); }

  Result<Pull> pull(RawBatch& batch) override {
    if (consumer_ == nullptr) return fail(Errc::closed, "kafka is not open");
    uint64_t rung = 0;
    static_cast<void>(::read(wake_.get(), &rung, sizeof rung));
    consumer_->serve();
    if (consumer_->cluster_id().empty()) return Pull::idle;  // ids are made of it
    size_t taken = 0;
    do {
      messages_.clear();
      consumer_->take(kTakeMessages, messages_);
      for (const KafkaConsumer::Message& message : messages_) add(batch, message);
      taken += messages_.size();
    } while (!messages_.empty() && batch.bytes() < kPullBytes);
    tell_gaps(batch);
    if (stop_at_end_ && taken == 0 && consumer_->at_end()) return Pull::done;
    return messages_.empty() ? Pull::idle : Pull::more;
  }

  [[nodiscard]] bool can_wait() const override { return true; }

  // Also called regularly while the channel is full and nothing is pulled: the group has to be served then, too.
  void safe(Position position) override {
    if (consumer_ == nullptr) return;
    if (position.file == run_) {
      for (const OffsetBook::Done& done : book_.safe(position.offset)) consumer_->done(done.tenure, done.next);
    }
    consumer_->serve();
  }

  [[nodiscard]] std::vector<FileMark> marks(Position) const override { return {}; }
  [[nodiscard]] InputCounts counts() const override { return {.records = book_.end(), .bytes = bytes_, .gaps = gaps_}; }

  Result<> close() override {
    consumer_.reset();
    return {};
  }

 private:
  Result<KafkaConf> make_conf() {
    auto conf = kafka_connection(settings_, fs_);
    if (!conf) return conf;
    const std::pair<const char*, std::string> own[] = {
        {"group.id", settings_.text("group_id")},
        {"partition.assignment.strategy", "cooperative-sticky"},
        {"enable.auto.offset.store", "false"},  // only what is safe is
        {"auto.commit.interval.ms", "1000"},    // the least that is read twice after a crash
        {"auto.offset.reset", "earliest"},      // where the group's place was deleted
        {"enable.partition.eof", "true"},
        {"queued.max.messages.kbytes", "16384"},         // read ahead, in memory
        {"fetch.max.bytes", "8388608"},                  // of one answer
        {"topic.metadata.refresh.interval.ms", "30000"}  // so long a new topic is not seen
    };
    if (auto set = set_kafka(conf->get(), own); !set) return tl::unexpected(set.error());
    if (auto set = set_kafka_extra(settings_, conf->get()); !set) return tl::unexpected(set.error());
    return conf;
  }

  void add(RawBatch& batch, const KafkaConsumer::Message& message) {
    const rd_kafka_message_t& raw = *message.raw;
    const int64_t milliseconds = rd_kafka_message_timestamp(&raw, nullptr);
    const KafkaRecord record{.topic = message.topic(),
                             .partition = raw.partition,
                             .offset = raw.offset,
                             .timestamp = std::max<int64_t>(milliseconds, 0) * kMillisecond,
                             .key = {static_cast<const char*>(raw.key), raw.key_len},
                             .value = {static_cast<const char*>(raw.payload), raw.len},
                             .id = message.header("event.id"),
                             .dataset = message.header("data_stream.dataset")};
    const uint64_t number = book_.add(message.tenure, raw.offset);
    add_document(batch,
                 {.kind = RawKind::document, .source = source_, .begin = {run_, number}, .end = {run_, number + 1}},
                 reader_.read(record, consumer_->cluster_id()));
    bytes_ += raw.len;
  }

  void tell_gaps(RawBatch& batch) {
    for (const KafkaConsumer::Gap& gap : consumer_->take_gaps()) {
      ++gaps_;
      const Nanos now = clock_.realtime();
      batch.lost({.reason = LossReason::topic_gap,
                  .source = source_,
                  .count = static_cast<uint64_t>(gap.to - gap.from),
                  .at_least = true,  // messages of transactions and compacted ones leave numbers without a message
                  .from = now,
                  .to = now,
                  .place = fmt::format("topic {}, partition {}, offsets {} to {}", gap.topic, gap.partition, gap.from,
                                       gap.to - 1)});
    }
  }

  const Settings settings_;
  MessageReader reader_;
  SystemClock clock_;
  PosixFs fs_;
  bool stop_at_end_ = false;
  uint16_t source_ = 0;
  uint64_t run_ = 0;
  uint64_t bytes_ = 0, gaps_ = 0;
  OffsetBook book_;
  Fd wake_;
  std::vector<KafkaConsumer::Message> messages_;  // reused
  std::unique_ptr<KafkaConsumer> consumer_;       // before what its callbacks use
};

Result<std::unique_ptr<Input>> make(const Settings& settings) {
  if (auto good = check_kafka_settings(settings, "kafka"); !good) return tl::unexpected(good.error());
  return std::make_unique<KafkaInput>(settings,
                                      MessageReader::Options{.allowed_datasets = settings.list("allowed_datasets"),
                                                             .other_dataset = settings.text("other_dataset")});
}

constexpr Component<Input> kComponent{
    .name = "kafka",
    .summary = "Reads finished documents from topics of Apache Kafka, as a consumer group.",
    .options = kOptions,
    .make = make};
const Register<Input> kRegister{kComponent};

}  // namespace
}  // namespace acta
