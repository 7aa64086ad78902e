#include "sys/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/map_fs.h"

namespace acta {
namespace {

constexpr char kMachineId[] = "0123456789abcdef0123456789abcdef";

test::MapFs debian() {
  test::MapFs fs;
  fs.files["/etc/machine-id"] = std::string(kMachineId) + "\n";
  fs.files["/proc/sys/kernel/random/boot_id"] = "3f1c1a1e-6f0e-4d8a-9f6c-0d1c5a8f7e11\n";
  fs.files["/proc/self/ns/pid"] = "";
  fs.files["/etc/os-release"] =
      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n"
      "VERSION=\"12 (bookworm)\"\nID=debian\n# comment\nnonsense\n";
  return fs;
}

TEST(Host, ReadsWhatTheSystemSays) {
  test::MapFs fs = debian();
  const auto host = read_host(fs, "");
  ASSERT_TRUE(host) << host.error().what;
  EXPECT_EQ(host->id, kMachineId);
  EXPECT_EQ(host->boot_id, "3f1c1a1e-6f0e-4d8a-9f6c-0d1c5a8f7e11");
  EXPECT_EQ(host->pid_ns_ino, "4026531836");
  EXPECT_EQ(host->os_name, "Debian GNU/Linux");
  EXPECT_EQ(host->os_version, "12 (bookworm)");
  EXPECT_EQ(host->os_platform, "debian");
  EXPECT_EQ(host->os_family, "debian");
  EXPECT_EQ(host->os_full, "Debian GNU/Linux 12 (bookworm)");
  EXPECT_FALSE(host->hostname.empty());
  EXPECT_EQ(host->name, host->hostname);
  EXPECT_FALSE(host->os_kernel.empty());
  EXPECT_FALSE(host->architecture.empty());
}

TEST(Host, AddressesAreNotOfLoopbackAndMacsAreWrittenAsInEcs) {
  test::MapFs fs = debian();
  const auto host = read_host(fs, "");
  ASSERT_TRUE(host);
  EXPECT_THAT(host->ip, testing::Each(testing::AllOf(testing::Ne("127.0.0.1"), testing::Ne("::1"))));
  EXPECT_THAT(host->mac, testing::Each(testing::MatchesRegex("([0-9A-F][0-9A-F]-)+[0-9A-F][0-9A-F]")));
  EXPECT_LE(host->ip.size(), kHostAddressesMax);
}

TEST(Host, NoMachineIdIsRefusedWithTheWayOut) {
  for (const char* content : {"", "\n", "uninitialized\n", "0123456789abcdef0123456789abcde\n"}) {
    test::MapFs fs = debian();
    fs.files["/etc/machine-id"] = content;
    const auto host = read_host(fs, "");
    ASSERT_FALSE(host) << content;
    EXPECT_EQ(host.error().code, Errc::config);
    EXPECT_THAT(host.error().what, testing::HasSubstr("set host.id"));
  }
  test::MapFs fs = debian();
  fs.files.erase("/etc/machine-id");
  EXPECT_FALSE(read_host(fs, ""));
}

TEST(Host, ConfiguredIdWins) {
  test::MapFs fs = debian();
  EXPECT_EQ(read_host(fs, "web-7")->id, "web-7");
  fs.files.erase("/etc/machine-id");
  EXPECT_EQ(read_host(fs, "web-7")->id, "web-7");
  EXPECT_FALSE(read_host(fs, "with space"));
  EXPECT_FALSE(read_host(fs, std::string(257, 'a')));
}

TEST(OsRelease, FamilyFollowsIdLikeForUnknownDistributions) {
  HostInfo host;
  read_os_release("ID=mystery\nID_LIKE='opaque rhel fedora'\nVERSION_ID=9.4\n", host);
  EXPECT_EQ(host.os_family, "redhat");
  EXPECT_EQ(host.os_version, "9.4");
  HostInfo none;
  read_os_release("ID=mystery", none);
  EXPECT_EQ(none.os_family, "");
}

TEST(OsRelease, UnquotesAsTheShellDoes) {
  HostInfo host;
  read_os_release("NAME=\"a \\\"b\\\" \\\\c\"\r\nPRETTY_NAME='x\\y'\nVERSION=\"\n", host);
  EXPECT_EQ(host.os_name, "a \"b\" \\c");
  EXPECT_EQ(host.os_full, "x\\y");
  EXPECT_EQ(host.os_version, "\"");
}

}  // namespace
}  // namespace acta
