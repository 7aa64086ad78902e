#include "sys/user_db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "support/temp_dir.h"

namespace acta {
namespace {

/// Time that moves only when told; monotonic() alone is used.
class StillClock final : public Clock {
 public:
  [[nodiscard]] Nanos monotonic() const override { return now; }
  [[nodiscard]] Nanos realtime() const override { return now; }
  Nanos now = 0;
};

/// What the look-up thread and the test share: names, a count, a gate that can be shut.
struct World {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<uint32_t, std::string> users;
  bool shut = false;
  int asked = 0;

  void open() {
    const std::lock_guard lock(mutex);
    shut = false;
    changed.notify_all();
  }
};

class WorldNames final : public NameSource {
 public:
  explicit WorldNames(std::shared_ptr<World> world) : world_(std::move(world)) {}
  std::optional<std::string> user_name(uint32_t uid) override {
    std::unique_lock lock(world_->mutex);
    ++world_->asked;
    world_->changed.wait(lock, [this] { return !world_->shut; });
    const auto found = world_->users.find(uid);
    return found == world_->users.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::string> group_name(uint32_t gid) override { return "group" + std::to_string(gid); }
  std::optional<uint32_t> user_id(const std::string& name) override {
    const std::lock_guard lock(world_->mutex);
    for (const auto& [uid, known] : world_->users) {
      if (known == name) return uid;
    }
    return std::nullopt;
  }
  std::optional<uint32_t> group_id(const std::string& name) override { return static_cast<uint32_t>(name.size()); }

 private:
  std::shared_ptr<World> world_;  // shared: the look-up thread may outlive the test's data base
};

class HostUsers : public testing::Test {
 protected:
  std::unique_ptr<UserDb> make(Nanos deadline) {
    return UserDb::of_source(clock_, {.entries_max = 8, .ttl = 100, .negative_ttl = 10, .deadline = deadline},
                             std::make_unique<WorldNames>(world_));
  }
  int asked() {
    const std::lock_guard lock(world_->mutex);
    return world_->asked;
  }
  void name(uint32_t uid, const std::string& text) {
    const std::lock_guard lock(world_->mutex);
    world_->users[uid] = text;
  }
  void shut() {
    const std::lock_guard lock(world_->mutex);
    world_->shut = true;
  }
  std::string wait_for_name(UserDb& db, uint32_t uid) {
    for (int i = 0; i < 2000; ++i) {
      if (const std::string_view text = db.user_name(uid); !text.empty()) return std::string(text);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }
  StillClock clock_;
  std::shared_ptr<World> world_ = std::make_shared<World>();
  static constexpr Nanos kLong = 10 * kSecond;
};

TEST_F(HostUsers, AsksOnceUntilTheTimeToLiveIsOver) {
  name(1000, "alice");
  const auto db = make(kLong);
  EXPECT_EQ(db->user_name(1000), "alice");
  EXPECT_EQ(db->user_name(1000), "alice");
  EXPECT_EQ(asked(), 1);
  name(1000, "renamed");
  clock_.now = 99;
  EXPECT_EQ(db->user_name(1000), "alice");
  clock_.now = 101;
  EXPECT_EQ(db->user_name(1000), "renamed");
  EXPECT_EQ(asked(), 2);
}

TEST_F(HostUsers, RemembersThatThereIsNone) {
  const auto db = make(kLong);
  EXPECT_EQ(db->user_name(7), "");
  EXPECT_EQ(db->user_name(7), "");
  EXPECT_EQ(asked(), 1);
  name(7, "new");
  clock_.now = 11;
  EXPECT_EQ(db->user_name(7), "new");
}

TEST_F(HostUsers, OtherDirectionsAndUnset) {
  name(1000, "alice");
  const auto db = make(kLong);
  EXPECT_EQ(db->user_id("alice"), 1000u);
  EXPECT_EQ(db->user_id("nobody"), std::nullopt);
  EXPECT_EQ(db->user_id(""), std::nullopt);
  EXPECT_EQ(db->user_id(std::string(300, 'a')), std::nullopt);
  EXPECT_EQ(db->group_name(5), "group5");
  EXPECT_EQ(db->group_id("four"), 4u);
  EXPECT_EQ(db->user_name(UINT32_MAX), "");
  EXPECT_EQ(db->group_name(UINT32_MAX), "");
}

TEST_F(HostUsers, ASlowLookUpIsUnknownNowAndKnownLater) {
  name(1000, "alice");
  name(1001, "bob");
  const auto db = make(kMillisecond);
  shut();
  EXPECT_EQ(db->user_name(1000), "");
  // Overdue now: many further questions take no deadline each.
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(db->user_name(static_cast<uint32_t>(1001 + i)), "");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(500));
  world_->open();
  EXPECT_EQ(wait_for_name(*db, 1000), "alice");
  EXPECT_EQ(wait_for_name(*db, 1001), "bob");
}

TEST_F(HostUsers, WhenTheSourceHangsTheOldNameStays) {
  name(1000, "alice");
  const auto db = make(kMillisecond);
  ASSERT_EQ(wait_for_name(*db, 1000), "alice");
  shut();
  clock_.now = 1000;
  EXPECT_EQ(db->user_name(1000), "alice");
  world_->open();
}

TEST_F(HostUsers, StoppingDoesNotWaitForALookUpThatHangs) {
  auto db = make(kMillisecond);
  shut();
  EXPECT_EQ(db->user_name(1), "");
  const auto before = std::chrono::steady_clock::now();
  db.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  world_->open();
}

TEST_F(HostUsers, ManyIdsStayBoundedAndRight) {
  for (uint32_t uid = 0; uid < 100; ++uid) name(uid, "u" + std::to_string(uid));
  const auto db = make(kLong);
  for (int round = 0; round < 3; ++round) {
    for (uint32_t uid = 0; uid < 100; ++uid) EXPECT_EQ(db->user_name(uid), "u" + std::to_string(uid));
  }
  EXPECT_GT(asked(), 200);  // eight entries: the others were forgotten and asked for again
}

TEST(HostUsersOfThisHost, RootIsKnown) {
  const SystemClock clock;
  const auto db = UserDb::of_host(clock, {.deadline = 10 * kSecond});
  EXPECT_EQ(db->user_name(0), "root");
  EXPECT_EQ(db->group_name(0), "root");
  EXPECT_EQ(db->user_id("root"), 0u);
  EXPECT_EQ(db->group_id("root"), 0u);
  EXPECT_EQ(db->user_name(3999999999), "");
}

TEST(FileUsers, ReadsPasswdAndGroup) {
  const test::TempDir dir;
  const std::string passwd =
      dir.write("passwd",
                "root:x:0:0:root:/root:/bin/sh\n\n# comment\n+::::::\n-@nis::::::\n"
                "alice:x:1000:1000:A,,,:/home/alice:/bin/bash\r\nalias:x:1000:1:::\ntop:x:4294967294:0:::");
  const std::string group = dir.write("group", "root:x:0:\nwheel:x:10:root,alice\n");
  const auto db = UserDb::of_files(passwd, group);
  ASSERT_TRUE(db) << db.error().what;
  EXPECT_EQ((*db)->user_name(0), "root");
  EXPECT_EQ((*db)->user_name(1000), "alice");
  EXPECT_EQ((*db)->user_name(4294967294), "top");
  EXPECT_EQ((*db)->user_name(1), "");
  EXPECT_EQ((*db)->user_id("alias"), 1000u);
  EXPECT_EQ((*db)->group_name(10), "wheel");
  EXPECT_EQ((*db)->group_id("nobody"), std::nullopt);
}

TEST(FileUsers, ABadLineIsAnErrorThatNamesFileAndLine) {
  const test::TempDir dir;
  for (const char* bad : {"alice", "alice:x", "alice:x:1000",
                          ":x:1:1:::", "a:x:one:1:::", "a:x:-1:1:::", "a:x:4294967296:1:::", "a:x::1:::"}) {
    const std::string path = dir.write("passwd", std::string("root:x:0:0:::\n") + bad + "\n");
    const auto db = UserDb::of_files(path, "");
    ASSERT_FALSE(db) << bad;
    EXPECT_EQ(db.error().code, Errc::corrupt);
    EXPECT_THAT(db.error().what, testing::HasSubstr(path + ":2: "));
  }
  EXPECT_FALSE(UserDb::of_files(dir / "missing", ""));
  EXPECT_FALSE(UserDb::of_files("", dir / "missing"));
}

TEST(FileUsers, WithoutFilesNobodyIsKnown) {
  EXPECT_EQ((*UserDb::of_files("", ""))->user_name(0), "");
  EXPECT_EQ(UserDb::empty()->user_name(0), "");
  EXPECT_EQ(UserDb::empty()->user_id("root"), std::nullopt);
}

}  // namespace
}  // namespace acta
