#include "client/kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/log.h"

namespace acta {
namespace {

constexpr size_t kHeadersMax = 8;
constexpr Nanos kAskWait = 500 * kMillisecond;  // for one answer of the cluster
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
template <class T = void>
T* bytes_of(std::string_view text) {
  return static_cast<T*>(const_cast<char*>(text.data()));
}

rd_kafka_vu_t header_of(const std::pair<std::string_view, std::string_view>& header) {
  rd_kafka_vu_t vu{};
  vu.vtype = RD_KAFKA_VTYPE_HEADER;
  vu.u.header.name = header.first.data();  // a literal: ends with NUL
  vu.u.header.val = bytes_of<char>(header.second);
  vu.u.header.size = static_cast<ssize_t>(header.second.size());
  return vu;
}

}  // namespace

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::make(KafkaConf conf, Delivered delivered) {
  auto producer = std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(delivered)));
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivered);
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  std::array<char, 512> why{};
  producer->kafka_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
  if (producer->kafka_ == nullptr) return fail(Errc::config, fmt::format("librdkafka: {}", why.data()));
  static_cast<void>(conf.release());  // rd_kafka_new has taken it
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (kafka_ == nullptr) return;
  rd_kafka_purge(kafka_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(kafka_, kGiveUpWaitMs);
  rd_kafka_destroy(kafka_);
}

rd_kafka_resp_err_t KafkaProducer::send(const KafkaMessage& message, size_t tag) {
  CHECK(message.headers.size() <= kHeadersMax);
  const std::string topic(message.topic);
  std::array<rd_kafka_vu_t, 6 + kHeadersMax> fields{};
  size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    fields[count].vtype = type;
    return fields[count++];
  };
  add(RD_KAFKA_VTYPE_TOPIC).u.cstr = topic.c_str();
  auto& value = add(RD_KAFKA_VTYPE_VALUE);
  value.u.mem = {.ptr = bytes_of(message.value), .size = message.value.size()};
  if (!message.key.empty()) {
    add(RD_KAFKA_VTYPE_KEY).u.mem = {.ptr = bytes_of(message.key), .size = message.key.size()};
  }
  add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = message.timestamp / kMillisecond;
  add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = opaque_of(tag);
  for (const auto& header : message.headers) fields[count++] = header_of(header);
  rd_kafka_error_t* error = rd_kafka_produceva(kafka_, fields.data(), count);
  if (error == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  return code;
}

void KafkaProducer::poll(Nanos wait) {
  rd_kafka_poll(kafka_, milliseconds(wait));
}

// What the cluster says of the topic; _TIMED_OUT when it does not answer.
rd_kafka_resp_err_t KafkaProducer::ask(rd_kafka_topic_t* topic, Nanos wait) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_resp_err_t error = rd_kafka_metadata(kafka_, 0, topic, &metadata, milliseconds(wait));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  error = metadata->topic_cnt > 0 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
  rd_kafka_metadata_destroy(metadata);
  return error;
}

Result<> KafkaProducer::check(const std::string& topic, Nanos wait) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(kafka_, topic.c_str(), nullptr);
  if (handle == nullptr) return fail(Errc::config, fmt::format("topic: Kafka has no topic of the name '{}'", topic));
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (Nanos left = wait; left > 0 && !locked_out_; left -= kAskWait) {
    error = ask(handle, kAskWait);
    if (error != RD_KAFKA_RESP_ERR__TIMED_OUT && error != RD_KAFKA_RESP_ERR__TRANSPORT) break;
    rd_kafka_poll(kafka_, 0);  // says why there is no answer
  }
  rd_kafka_topic_destroy(handle);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    return fail(Errc::denied,
                fmt::format("not allowed to write to topic {}: this user needs WRITE and DESCRIBE", topic));
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
    return fail(Errc::unsupported, fmt::format("there is no topic {}: make it, or let the brokers make topics", topic));
  const std::string why =
      trouble_.empty() ? fmt::format("no answer from the brokers: {}", rd_kafka_err2str(error)) : trouble_;
  return fail(locked_out_ ? Errc::denied : Errc::io, why);
}

bool KafkaProducer::broken() const {
  return rd_kafka_fatal_error(kafka_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

void KafkaProducer::on_delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) producer->trouble_.clear();
  producer->delivered_(tag_of(message->_private), message->err);
}

void KafkaProducer::on_error(rd_kafka_t*, int error, const char* reason, void* self) {
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  auto* producer = static_cast<KafkaProducer*>(self);
  if (producer->locked_out_ && code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;  // says less
  producer->trouble_ = fmt::format("{}: {}", rd_kafka_err2str(code), reason);
  producer->locked_out_ = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL;
}

void KafkaProducer::on_log(const rd_kafka_t*, int, const char* facility, const char* text) {
  log::debug("kafka", fmt::format("{}: {}", facility, text));
}

}  // namespace acta
