#include "client/kafka_trouble.h"

#include <gtest/gtest.h>

namespace acta {
namespace {

constexpr const char* kUnreached =
    "ssl://localhost:9093/bootstrap: Connect to ipv6#[::1]:9093 failed: Connection refused";

TEST(KafkaTrouble, AnAddressThatIsNotReachedHidesNothing) {
  KafkaTrouble trouble;
  EXPECT_TRUE(trouble.empty());
  EXPECT_EQ(trouble.text(), "");
  trouble.tell(RD_KAFKA_RESP_ERR__TRANSPORT, kUnreached);
  EXPECT_EQ(trouble.text(), std::string("Local: Broker transport failure: ") + kUnreached);
  trouble.tell(RD_KAFKA_RESP_ERR__TRANSPORT, "SSL alert");
  trouble.tell(RD_KAFKA_RESP_ERR__TRANSPORT, kUnreached);
  trouble.tell(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  EXPECT_EQ(trouble.text(),
            std::string("Local: Broker transport failure: SSL alert; Local: Broker transport failure: ") + kUnreached);
  EXPECT_FALSE(trouble.locked_out());
  trouble.clear();
  EXPECT_TRUE(trouble.empty());
}

TEST(KafkaTrouble, ARefusedLoginIsToldRatherThanWhatFollows) {
  KafkaTrouble trouble;
  trouble.tell(RD_KAFKA_RESP_ERR__AUTHENTICATION, "wrong password");
  trouble.tell(RD_KAFKA_RESP_ERR__TRANSPORT, kUnreached);
  trouble.tell(RD_KAFKA_RESP_ERR__TRANSPORT, "Disconnected");
  EXPECT_TRUE(trouble.locked_out());
  EXPECT_EQ(trouble.text(), "Local: Authentication failure: wrong password");
  trouble.clear();
  EXPECT_FALSE(trouble.locked_out());
}

}  // namespace
}  // namespace acta
