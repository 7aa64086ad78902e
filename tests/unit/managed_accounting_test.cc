#include "sys/managed_accounting.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::FakeClock;
using test::TempDir;

class ManagedAccountingTest : public testing::Test {
 protected:
  ManagedAccounting make() {
    return {{.path = dir_ / "log/pacct", .rotate_bytes = 640, .keep = 1, .state_directory = dir_ / "state"},
            fs_,
            clock_,
            [this](const char* path) {
              switched_.emplace_back(path == nullptr ? "off" : path);
              return refuse_;
            }};
  }
  // A second passes.
  std::optional<Loss> tend(ManagedAccounting& accounting, bool done) {
    clock_.advance(kSecond);
    return accounting.tend([done](uint64_t) { return done; });
  }
  size_t files() { return fs_.list(dir_ / "log").value_or(std::vector<std::string>{}).size(); }
  void fill(size_t bytes) { dir_.write("log/pacct", std::string(bytes, 'x')); }

  TempDir dir_;
  PosixFs fs_;
  FakeClock clock_;
  int refuse_ = 0;
  std::vector<std::string> switched_;
};

TEST_F(ManagedAccountingTest, TurnsOnAndBackOff) {
  ManagedAccounting accounting = make();
  ASSERT_TRUE(accounting.begin());
  EXPECT_EQ(switched_, std::vector<std::string>{dir_ / "log/pacct"});
  EXPECT_EQ(fs_.stat(dir_ / "log/pacct")->mode & 0777, 0600u);
  ASSERT_TRUE(accounting.end());
  EXPECT_EQ(switched_.size(), 2u);
  EXPECT_FALSE(fs_.stat(dir_ / "state/accounting"));
}

TEST_F(ManagedAccountingTest, RotatesBySizeAndRemovesOnlyWhatIsSafe) {
  ManagedAccounting accounting = make();
  ASSERT_TRUE(accounting.begin());
  fill(600);
  tend(accounting, false);
  EXPECT_EQ(files(), 1u) << "not full yet";
  for (int i = 0; i < 3; ++i) {
    fill(640);
    tend(accounting, false);
  }
  EXPECT_EQ(files(), 4u) << "nothing goes that is not safe";
  EXPECT_EQ(switched_.size(), 4u) << "each time to the new file";
  tend(accounting, true);
  EXPECT_EQ(files(), 2u) << "the file, and one rotated";
}

TEST_F(ManagedAccountingTest, AKilledRunsFindingIsPutBackByTheNext) {
  {
    ManagedAccounting killed = make();
    ASSERT_TRUE(killed.begin());
  }
  const std::string state = dir_.read("state/accounting");
  dir_.write("state/accounting", state + "/var/log/account/other");  // as if that had been on
  ManagedAccounting next = make();
  ASSERT_TRUE(next.begin());
  ASSERT_TRUE(next.end());
  EXPECT_EQ(switched_.back(), "/var/log/account/other");
}

TEST_F(ManagedAccountingTest, ARefusalSaysTheWayOutAndIsTriedAgain) {
  ManagedAccounting accounting = make();
  refuse_ = EPERM;
  const auto begun = accounting.begin();
  ASSERT_FALSE(begun);
  EXPECT_NE(begun.error().what.find("CAP_SYS_PACCT"), std::string::npos);
  refuse_ = 0;
  tend(accounting, true);
  EXPECT_EQ(switched_.size(), 2u);
  EXPECT_TRUE(accounting.end());
  EXPECT_EQ(switched_.size(), 3u);
}

}  // namespace
}  // namespace acta
