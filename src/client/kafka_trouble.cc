#include "client/kafka_trouble.h"

#include <fmt/format.h>

namespace acta {
namespace {

bool is_lockout(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
         code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

// The code is that of any broken connection (rd_kafka_broker_connect_done() in rdkafka_broker.c).
bool is_unreached(rd_kafka_resp_err_t code, std::string_view reason) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT && reason.find("Connect to ") != std::string_view::npos;
}

}  // namespace

void KafkaTrouble::tell(rd_kafka_resp_err_t code, std::string_view reason) {
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !empty()) return;  // says less
  if (locked_out_ && !is_lockout(code)) return;                         // follows from it
  (is_unreached(code, reason) ? unreached_ : said_) = fmt::format("{}: {}", rd_kafka_err2str(code), reason);
  locked_out_ = locked_out_ || is_lockout(code);
}

std::string KafkaTrouble::text() const {
  return said_.empty() || unreached_.empty() ? said_ + unreached_ : said_ + "; " + unreached_;
}

}  // namespace acta
