#include "client/kafka_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"

namespace acta {
namespace {

constexpr uint64_t kOne = 1;  // what an eventfd is made readable by
constexpr Nanos kCloseWait = 5 * kSecond;

bool is_cooperative(rd_kafka_t* kafka) {
  const char* protocol = rd_kafka_rebalance_protocol(kafka);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

std::string names_of(const rd_kafka_topic_partition_list_t& partitions) {
  std::string names;
  for (int i = 0; i < partitions.cnt; ++i)
    names += fmt::format("{}{} [{}]", i > 0 ? ", " : "", partitions.elems[i].topic, partitions.elems[i].partition);
  return names;
}

void log_failure(std::string_view what, rd_kafka_error_t* error) {
  if (error == nullptr) return;
  log::error("kafka", fmt::format("{}: {}", what, rd_kafka_error_string(error)));
  rd_kafka_error_destroy(error);
}

}  // namespace

std::string_view KafkaConsumer::Message::header(const char* name) const {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (rd_kafka_message_headers(raw.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr)
    return {};
  return {static_cast<const char*>(value), size};
}

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::make(KafkaConf conf, Options options, const Clock& clock) {
  auto consumer = std::unique_ptr<KafkaConsumer>(new KafkaConsumer(std::move(options), clock));
  rd_kafka_conf_set_opaque(conf.get(), consumer.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  auto made = make_kafka(RD_KAFKA_CONSUMER, std::move(conf));
  if (!made) return tl::unexpected(made.error());
  consumer->kafka_ = std::move(*made);
  rd_kafka_t* kafka = consumer->kafka_.get();
  rd_kafka_poll_set_consumer(kafka);
  consumer->messages_.reset(rd_kafka_queue_new(kafka));
  const Queue group(rd_kafka_queue_get_consumer(kafka));
  for (rd_kafka_queue_t* queue : {consumer->messages_.get(), group.get()})
    rd_kafka_queue_io_event_enable(queue, consumer->options_.wake_fd, &kOne, sizeof kOne);
  const List topics(rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  for (const std::string& topic : consumer->options_.topics)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(kafka, topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(Errc::config, fmt::format("topics: {}", rd_kafka_err2str(error)));
  return consumer;
}

KafkaConsumer::~KafkaConsumer() {
  close();
}

// ---- the group

void KafkaConsumer::on_rebalance(rd_kafka_t* kafka, rd_kafka_resp_err_t what,
                                 rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto* consumer = static_cast<KafkaConsumer*>(self);
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return consumer->assign(partitions);
  if (what == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) return consumer->revoke(partitions);
  log::error("kafka", fmt::format("the group's partitions: {}", rd_kafka_err2str(what)));
  rd_kafka_assign(kafka, nullptr);
  consumer->ours_.clear();
}

void KafkaConsumer::assign(rd_kafka_topic_partition_list_t* partitions) {
  was_assigned_ = true;
  if (partitions->cnt > 0)
    log::info("kafka", fmt::format("reads {} more partitions: {}", partitions->cnt, names_of(*partitions)));
  // The group's places, to tell what was deleted meanwhile; where they cannot be had librdkafka asks by itself.
  if (partitions->cnt > 0 &&
      rd_kafka_committed(kafka_.get(), partitions, static_cast<int>(kPlaceWait / kMillisecond)) !=
          RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_STORED;
  }
  for (int i = 0; i < partitions->cnt; ++i) begin(partitions->elems[i]);
  if (is_cooperative(kafka_.get())) {
    log_failure("cannot take partitions", rd_kafka_incremental_assign(kafka_.get(), partitions));
  } else {
    rd_kafka_assign(kafka_.get(), partitions);
  }
}

void KafkaConsumer::begin(rd_kafka_topic_partition_t& partition) {
  const bool known = partition.offset >= 0;
  if (partition.offset == RD_KAFKA_OFFSET_INVALID)
    partition.offset = options_.from_newest ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING;
  ours_[next_tenure_++] = {
      .topic = partition.topic, .number = partition.partition, .next = known ? partition.offset : -1};
  forward(partition.topic, partition.partition, messages_.get());
}

void KafkaConsumer::forward(const std::string& topic, int32_t number, rd_kafka_queue_t* to) {
  const Queue queue(rd_kafka_queue_get_partition(kafka_.get(), topic.c_str(), number));
  if (queue != nullptr) rd_kafka_queue_forward(queue.get(), to);
}

void KafkaConsumer::revoke(const rd_kafka_topic_partition_list_t* partitions) {
  const bool lost = rd_kafka_assignment_lost(kafka_.get()) != 0;
  if (partitions->cnt > 0)
    log::info("kafka", fmt::format("{} {} partitions: {}", lost ? "has lost" : "gives back", partitions->cnt,
                                   names_of(*partitions)));
  leaving_.reset(rd_kafka_topic_partition_list_copy(partitions));
  for (int i = 0; i < partitions->cnt; ++i) {
    if (const auto found = ours_.find(tenure_of(partitions->elems[i].topic, partitions->elems[i].partition));
        found != ours_.end())
      found->second.leaving = true;
  }
  leave_at_ = lost || closing_ ? 0 : clock_.monotonic() + kSettleMax;
  if (lost || closing_) unassign();
}

void KafkaConsumer::unassign() {
  std::erase_if(ours_, [this](const auto& each) {
    if (each.second.leaving) forward(each.second.topic, each.second.number, nullptr);
    return each.second.leaving;
  });
  if (is_cooperative(kafka_.get())) {
    log_failure("cannot give partitions back", rd_kafka_incremental_unassign(kafka_.get(), leaving_.get()));
  } else {
    rd_kafka_assign(kafka_.get(), nullptr);
    ours_.clear();
  }
  leaving_.reset();
}

void KafkaConsumer::serve() {
  constexpr int kAtOnce = 16;  // of what the group says
  for (int i = 0; i < kAtOnce; ++i) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(kafka_.get(), 0);
    if (raw == nullptr) break;
    accept(raw, stray_);
  }
  if (leaving_ == nullptr) return;
  const bool settled = std::none_of(ours_.begin(), ours_.end(), [this](const auto& each) {
    return each.second.leaving && !options_.settled(each.first);
  });
  if (settled || clock_.monotonic() >= leave_at_) unassign();
}

// ---- messages

KafkaConsumer::Tenure KafkaConsumer::tenure_of(std::string_view topic, int32_t number) const {
  const auto found = std::find_if(ours_.begin(), ours_.end(), [&](const auto& each) {
    return each.second.number == number && each.second.topic == topic;
  });
  return found == ours_.end() ? 0 : found->first;
}

void KafkaConsumer::accept(rd_kafka_message_t* raw, std::vector<Message>& into) {
  Message message{.raw = std::unique_ptr<rd_kafka_message_t, MessageFree>(raw)};
  if (raw->rkt == nullptr) return say(rd_kafka_message_errstr(raw));
  message.tenure = tenure_of(message.topic(), raw->partition);
  const auto found = ours_.find(message.tenure);
  if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR && raw->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return say(fmt::format("topic {}: {}", message.topic(), rd_kafka_message_errstr(raw)));
  if (found == ours_.end() || found->second.leaving) return;  // its next owner begins where the group's place is
  Partition& partition = found->second;
  partition.at_end = raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (partition.at_end) return;
  if (partition.next >= 0 && raw->offset > partition.next) {
    // Offsets are missing also where a topic is compacted or written in transactions: gone is what lies before the
    // first that the broker still has.
    int64_t low = -1, high = -1;
    rd_kafka_get_watermark_offsets(kafka_.get(), partition.topic.c_str(), partition.number, &low, &high);
    const int64_t gone_to = std::min(low, raw->offset);
    if (gone_to > partition.next) gaps_.push_back({partition.topic, partition.number, partition.next, gone_to});
  }
  partition.next = raw->offset + 1;
  said_.clear();
  into.push_back(std::move(message));
}

void KafkaConsumer::take(size_t count, std::vector<Message>& into) {
  constexpr size_t kAtOnceMax = 64;
  std::array<rd_kafka_message_t*, kAtOnceMax> raw{};
  for (Message& message : stray_) into.push_back(std::move(message));
  stray_.clear();
  const ssize_t got = rd_kafka_consume_batch_queue(messages_.get(), 0, raw.data(), std::min(count, raw.size()));
  for (ssize_t i = 0; i < got; ++i) accept(raw[static_cast<size_t>(i)], into);
}

void KafkaConsumer::done(Tenure tenure, int64_t next) {
  const auto found = ours_.find(tenure);
  if (found == ours_.end()) return;  // somebody else's by now
  const List offsets(rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(offsets.get(), found->second.topic.c_str(), found->second.number)->offset = next;
  rd_kafka_offsets_store(kafka_.get(), offsets.get());  // fails where the partition was taken away just now
}

bool KafkaConsumer::at_end() const {
  return !ours_.empty() && std::all_of(ours_.begin(), ours_.end(), [](const auto& each) { return each.second.at_end; });
}

const std::string& KafkaConsumer::cluster_id() {
  if (!cluster_id_.empty()) return cluster_id_;
  if (char* id = rd_kafka_clusterid(kafka_.get(), 0); id != nullptr) {
    cluster_id_ = id;
    rd_kafka_mem_free(kafka_.get(), id);
  }
  return cluster_id_;
}

void KafkaConsumer::on_error(rd_kafka_t*, int error, const char* reason, void* self) {
  static_cast<KafkaConsumer*>(self)->say(
      fmt::format("{}: {}", rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error)), reason));
}

void KafkaConsumer::say(const std::string& what) {
  if (what == said_) return;
  said_ = what;
  log::warning("kafka", what);
}

// As rd_kafka_consumer_close() does, which may wait for as long as a session.
void KafkaConsumer::close() {
  if (kafka_ == nullptr) return;
  closing_ = true;
  if (leaving_ != nullptr) unassign();
  const Queue group(rd_kafka_queue_new(kafka_.get()));
  log_failure("cannot leave the group in order", rd_kafka_consumer_close_queue(kafka_.get(), group.get()));
  const Nanos end = clock_.monotonic() + kCloseWait;
  while (rd_kafka_consumer_closed(kafka_.get()) == 0 && clock_.monotonic() < end) {
    constexpr int kPollMs = 100;
    rd_kafka_event_t* event = rd_kafka_queue_poll(group.get(), kPollMs);
    if (event == nullptr) continue;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE)
      on_rebalance(kafka_.get(), rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event), this);
    rd_kafka_event_destroy(event);
  }
  stray_.clear();
  rd_kafka_queue_io_event_enable(messages_.get(), -1, nullptr, 0);
  messages_.reset();
  if (rd_kafka_consumer_closed(kafka_.get()) == 0)
    log::warning("kafka", "the group does not answer: what was done last may be read again");
  // A member that has joined and was never assigned anything cannot be taken down: librdkafka, 2.0.2 at least, aborts
  // then (rd_kafka_sticky_assignor_state_destroy). The end of the process does that.
  if (was_assigned_) {
    rd_kafka_destroy_flags(kafka_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  } else {
    rd_kafka_set_log_level(kafka_.release(), 0);
  }
  ours_.clear();
}

}  // namespace acta
