#include "client/kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace acta {
namespace {

constexpr Nanos kAskWait = 250 * kMillisecond;  // for one answer of the cluster
constexpr int kGiveUpWaitMs = 1000;             // for the callbacks of what is given up

void* opaque_of(size_t tag) {
  return reinterpret_cast<void*>(tag + 1);  // NULL is no tag
}

size_t tag_of(const void* opaque) {
  return reinterpret_cast<size_t>(opaque) - 1;
}

int milliseconds(Nanos wait) {
  return static_cast<int>(std::clamp<Nanos>(wait / kMillisecond, 0, INT32_MAX));
}

/// librdkafka takes bytes to send as pointers to what it may change, and does not.
void* bytes_of(std::string_view text) {
  return const_cast<char*>(text.data());
}

/// Not the time itself where a broker would refuse it (message.timestamp.after.max.ms; an hour) or librdkafka would
/// take it for none (0).
int64_t record_time(Nanos timestamp) {
  const SystemClock clock;
  return std::max<int64_t>(std::min(timestamp, clock.realtime()) / kMillisecond, 1);
}

}  // namespace

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::make(KafkaConf conf, Delivered delivered) {
  auto producer = std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(delivered)));
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivered);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  auto made = make_kafka(RD_KAFKA_PRODUCER, std::move(conf));
  if (!made) return tl::unexpected(made.error());
  producer->kafka_ = made->release();
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (kafka_ == nullptr) return;
  rd_kafka_purge(kafka_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(kafka_, kGiveUpWaitMs);
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(kafka_);
}

// NULL when Kafka can have no topic of that name. A handle is dear to make, and the next message mostly goes there too.
rd_kafka_topic_t* KafkaProducer::topic_of(std::string_view name) {
  if (topic_ != nullptr && topic_name_ == name) return topic_;
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  topic_name_ = name;
  return topic_ = rd_kafka_topic_new(kafka_, topic_name_.c_str(), nullptr);
}

// Headers are given as an object of ours: those that librdkafka makes itself of single ones are freed twice when it
// cannot place the message, up to 2.0.2 at least.
rd_kafka_resp_err_t KafkaProducer::send(const KafkaMessage& message, size_t tag) {
  constexpr size_t kFieldsMax = 6;
  std::array<rd_kafka_vu_t, kFieldsMax> fields{};
  size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    fields[count].vtype = type;
    return fields[count++];
  };
  rd_kafka_topic_t* topic = topic_of(message.topic);
  if (topic == nullptr) return RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, text] : message.headers)
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                        static_cast<ssize_t>(text.size()));
  add(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
  add(RD_KAFKA_VTYPE_HEADERS).u.headers = headers;
  add(RD_KAFKA_VTYPE_VALUE).u.mem = {.ptr = bytes_of(message.value), .size = message.value.size()};
  if (!message.key.empty()) add(RD_KAFKA_VTYPE_KEY).u.mem = {.ptr = bytes_of(message.key), .size = message.key.size()};
  add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record_time(message.timestamp);
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = opaque_of(tag);
  rd_kafka_error_t* error = rd_kafka_produceva(kafka_, fields.data(), count);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_headers_destroy(headers);
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return code;
}

void KafkaProducer::poll(Nanos wait) {
  rd_kafka_poll(kafka_, milliseconds(wait));
}

void KafkaProducer::drain(Nanos wait) {
  rd_kafka_flush(kafka_, milliseconds(wait));
}

// What the cluster says of the topic; _TIMED_OUT when it does not answer.
rd_kafka_resp_err_t KafkaProducer::ask(rd_kafka_topic_t* topic, Nanos wait) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_resp_err_t error = rd_kafka_metadata(kafka_, 0, topic, &metadata, milliseconds(wait));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  if (topic != nullptr) error = metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
  rd_kafka_metadata_destroy(metadata);
  return error;
}

Result<> KafkaProducer::check(const std::string& topic, Nanos wait, const std::atomic<bool>& stop) {
  rd_kafka_topic_t* handle = topic.empty() ? nullptr : topic_of(topic);
  if (!topic.empty() && handle == nullptr)
    return fail(Errc::config, fmt::format("topic: Kafka can have no topic of the name '{}'", topic));
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (Nanos left = wait; left > 0 && !trouble_.locked_out() && !stop.load(std::memory_order_acquire);
       left -= kAskWait) {
    error = ask(handle, kAskWait);
    if (error != RD_KAFKA_RESP_ERR__TIMED_OUT && error != RD_KAFKA_RESP_ERR__TRANSPORT) break;
    rd_kafka_poll(kafka_, 0);  // says why there is no answer
  }
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return fail(Errc::denied,
                fmt::format("not allowed to write to topic {}: this user needs WRITE and DESCRIBE", topic));
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    return fail(Errc::unsupported, fmt::format("there is no topic {}: make it, or let the brokers make topics", topic));
  const std::string why =
      trouble_.empty() ? fmt::format("no answer from the brokers: {}", rd_kafka_err2str(error)) : trouble_.text();
  return fail(trouble_.locked_out() ? Errc::denied : Errc::io, why);
}

bool KafkaProducer::broken() const {
  return rd_kafka_fatal_error(kafka_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::string KafkaProducer::why_broken() const {
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(kafka_, reason.data(), reason.size());
  return fmt::format("{}: {}", rd_kafka_err2str(error), reason.data());
}

void KafkaProducer::on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) producer->trouble_.clear();
  producer->delivered_(tag_of(message->_private), message->err);
}

void KafkaProducer::on_error(rd_kafka_t*, int error, const char* reason, void* self) {
  static_cast<KafkaProducer*>(self)->trouble_.tell(static_cast<rd_kafka_resp_err_t>(error), reason);
}

}  // namespace acta
