#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "processors/audit/sockaddr.h"

namespace acta::audit {
namespace {

std::string read(std::string_view hex) {
  SocketAddress a;
  const bool ok = read_sockaddr(hex, a);
  std::string text = fmt::format("{} {} {}", a.family_name, a.address, a.port ? fmt::format("{}", *a.port) : "-");
  if (a.is_ip) text += " ip";
  if (a.is_abstract) text += " abstract";
  if (!a.path.empty()) text += " path=" + a.path;
  return ok ? text : "bad " + text;
}

TEST(AuditSockaddr, Inet) {
  EXPECT_EQ(read("020046A07F0000010000000000000000"), "ipv4 127.0.0.1 18080 ip");
  EXPECT_EQ(read("0A0020FB0000000020010DB800000000000000000000001700000000"), "ipv6 2001:db8::17 8443 ip");
  EXPECT_EQ(read("0a0046a1000000000000000000000000000000000000000100000000"), "ipv6 ::1 18081 ip");
}

TEST(AuditSockaddr, Unix) {
  EXPECT_EQ(read("01002F72756E2F6100000000"), "unix /run/a - path=/run/a");
  EXPECT_EQ(read("01002F612062"), "unix /a b - path=/a b");
  EXPECT_EQ(read("01000061627374726163742D676F6C64656E"), "unix @abstract-golden - abstract path=abstract-golden");
  EXPECT_EQ(read("010000610000"), "unix @a - abstract path=a");
  EXPECT_EQ(read("0100"), "unix  -");
  EXPECT_EQ(read("010000000000"), "unix  -");
  SocketAddress a;
  ASSERT_TRUE(read_sockaddr("0100006100620000", a));
  EXPECT_EQ(a.path, std::string("a\0b", 3));
}

TEST(AuditSockaddr, OtherFamilies) {
  EXPECT_EQ(read("100000003412000000000000"), "netlink  4660");
  EXPECT_EQ(read("28000000160000000300000000000000"), "40 3 22");
  EXPECT_EQ(read("110008000200000001000006AABBCCDDEEFF0000"), "17 aa:bb:cc:dd:ee:ff -");
  EXPECT_EQ(read("2600736B63697068657200000000000000000000000000006362632861657329000000"), "38 skcipher:cbc(aes) -");
  EXPECT_EQ(read("0000"), "0  -");
  EXPECT_EQ(read("FF7F0102"), "32767  -");
}

TEST(AuditSockaddr, ShortOrNoHex) {
  EXPECT_EQ(read(""), "bad   -");
  EXPECT_EQ(read("02"), "bad   -");
  EXPECT_EQ(read("020"), "bad   -");
  EXPECT_EQ(read("xx00"), "bad   -");
  EXPECT_EQ(read("02000050"), "bad ipv4  -");
  EXPECT_EQ(read("0A0000500000000020010DB8"), "bad ipv6  -");
  EXPECT_EQ(read("1000"), "bad netlink  -");
  EXPECT_EQ(read("2800"), "bad 40  -");
  EXPECT_EQ(read("1100"), "bad 17  -");
  EXPECT_EQ(read("2600"), "bad 38  -");
}

}  // namespace
}  // namespace acta::audit
