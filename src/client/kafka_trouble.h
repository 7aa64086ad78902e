#pragma once
#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

namespace acta {

/// What librdkafka has told of its troubles (rd_kafka_conf_set_error_cb()) since the last success. One thread.
///
/// A broker's name often has several addresses, tried by turns: localhost is ::1 too. That nothing listens at one must
/// not hide what was said at the other, so both are kept.
class KafkaTrouble {
 public:
  void tell(rd_kafka_resp_err_t code, std::string_view reason);
  void clear() { *this = {}; }

  /// TLS or the login was refused: time alone does not mend it.
  [[nodiscard]] bool locked_out() const { return locked_out_; }
  [[nodiscard]] bool empty() const { return said_.empty() && unreached_.empty(); }
  /// The last of what a broker or the client said, and the last address that was not reached; empty without any.
  [[nodiscard]] std::string text() const;

 private:
  std::string said_, unreached_;
  bool locked_out_ = false;
};

}  // namespace acta
