#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "event/encoder.h"
#include "processors/history/follower.h"
#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/ecs.h"
#include "support/shared.h"

namespace acta {
namespace {

using test::text_at;

constexpr uint64_t kStart = 1'795'400'000'000;  // milliseconds since 1970

/// A log made by hand, and what a follower makes of it.
class HistoryTest : public testing::Test {
 protected:
  void add(std::string_view type, uint64_t second, const std::string& body, std::string_view node = "") {
    log_ += test::audit_line(type, kStart + second * 1000, ++serial_, body, node) + "\n";
  }
  void login(uint64_t second, int pid, int session, std::string_view node = "") {
    lone_login(second, pid, session, node);
    --serial_;
    add("PROCTITLE", second, "proctitle=61", node);
  }
  /// One that has to wait for records that never come.
  void lone_login(uint64_t second, int pid, int session, std::string_view node = "") {
    add("LOGIN", second, who("uid=0 old-auid=4294967295 auid=1000 old-ses=4294967295", pid, session) + " res=1", node);
  }
  void name(uint64_t second, int pid, int session, std::string_view node = "") {
    add("USER_LOGIN", second,
        who("uid=0 auid=1000", pid, session) +
            " msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.7 terminal=/dev/pts/3 res=success'",
        node);
  }
  void end(uint64_t second, int pid, int session, std::string_view node = "") {
    add("USER_END", second, who("uid=0 auid=1000", pid, session) + " msg='op=PAM:session_close res=success'", node);
  }
  void boot(uint64_t second) { add("SYSTEM_BOOT", second, system("system-boot")); }
  void shutdown(uint64_t second) { add("SYSTEM_SHUTDOWN", second, system("system-shutdown")); }
  void guest(uint64_t second, std::string_view type, const std::string& what, const std::string& res = "success") {
    add(type, second,
        "pid=1 uid=0 auid=0 ses=1 msg='virt=kvm " + what + " uuid=3d1c2f1e-0001-4000-8000-00000000aaaa res=" + res +
            "'");
  }

  /// Follows the log; the documents come into `made`.
  void follow() {
    test::AuditRunOptions options;
    options.look = [&](const Event& event) {
      const bool changed = follower_->follow(event, [&](Event& made) {
        Encoder::encode(made, json_.emplace_back());
        ++documents_;
      });
      ++documents_;
      if (changed) follower_->settle(documents_);
    };
    test::decode_audit(log_, options);
    log_.clear();
    made_.clear();
    for (const std::string& json : json_) made_.emplace_back().Parse(json.data(), json.size());
  }
  [[nodiscard]] std::vector<std::string> all(std::string_view path) const {
    std::vector<std::string> texts;
    for (const rapidjson::Document& document : made_) texts.push_back(text_at(document, path));
    return texts;
  }

  std::string log_;
  uint64_t serial_ = 100;
  uint64_t documents_ = 0;
  std::unique_ptr<Follower> follower_ = history::make_follower();
  std::vector<std::string> json_;
  std::vector<rapidjson::Document> made_;

 private:
  static std::string who(std::string_view before, int pid, int session) {
    return "pid=" + std::to_string(pid) + " " + std::string(before) + " ses=" + std::to_string(session);
  }
  static std::string system(std::string_view what) {
    return "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=" + std::string(what) + " res=success'";
  }
};

TEST_F(HistoryTest, ALoginIsTheWayFromItsBeginningToItsEnd) {
  login(0, 10, 5);
  name(1, 10, 5);
  end(61, 10, 5);
  follow();
  ASSERT_EQ(made_.size(), 1u);
  const rapidjson::Document& one = made_[0];
  EXPECT_EQ(text_at(one, "event.dataset"), "actabeat.session");
  EXPECT_EQ(text_at(one, "event.id"), "00000000000000000000000000000001:1795400000.000:101:session");
  EXPECT_EQ(text_at(one, "event.duration"), "61000000000");
  EXPECT_EQ(text_at(one, "event.reason"), "logged-out");
  EXPECT_EQ(text_at(one, "user.id"), "1000");
  EXPECT_EQ(text_at(one, "source.ip"), "192.0.2.7");
  EXPECT_EQ(text_at(one, "actabeat.session.terminal"), "pts/3");
  EXPECT_EQ(text_at(one, "actabeat.session.sequences"), "101|102|103");
}

TEST_F(HistoryTest, WhatNobodyLoggedInToMakesNoDocument) {
  login(0, 10, 5);  // cron, su, and sshd without a terminal: no USER_LOGIN
  end(1, 10, 5);
  name(2, 11, 6);  // its LOGIN was before the log
  end(3, 11, 6);
  login(4, 12, 7);
  name(4, 99, 7);  // of another process
  end(5, 12, 7);
  follow();
  EXPECT_TRUE(made_.empty());
}

TEST_F(HistoryTest, AnEventThatWasCompleteLateIsFollowedLate) {
  name(1, 10, 5);
  end(2, 10, 5);
  login(0, 10, 5);
  lone_login(5, 11, 6);
  name(6, 11, 6);
  boot(6);
  boot(9);
  follow();
  EXPECT_THAT(all("event.duration"), testing::ElementsAre("2000000000", "3000000000", "1000000000"));
  EXPECT_THAT(all("event.reason"), testing::ElementsAre("logged-out", "crash", "crash"));
  EXPECT_EQ(text_at(made_[0], "actabeat.session.sequences"), "103|101|102");
}

TEST_F(HistoryTest, ASecondLoginOfASessionCutsTheFirst) {
  login(0, 10, 5);
  name(0, 10, 5);
  login(9, 20, 5);
  follow();
  EXPECT_THAT(all("event.reason"), testing::ElementsAre("gone"));
}

TEST_F(HistoryTest, ABootCutsWhatIsOpenAndTellsACrashFromAShutdown) {
  boot(0);
  login(1, 10, 5);
  name(1, 10, 5);
  shutdown(5);
  boot(9);
  login(10, 11, 1);
  name(10, 11, 1);
  boot(20);
  follow();
  EXPECT_THAT(all("event.reason"), testing::ElementsAre("shutdown", "down", "crash", "crash"));
  EXPECT_THAT(all("actabeat.session.kind"), testing::ElementsAre("boot", "login", "boot", "login"));
  EXPECT_THAT(all("event.duration"), testing::ElementsAre("5000000000", "4000000000", "11000000000", "10000000000"));
}

TEST_F(HistoryTest, NodesOfOneLogAreApart) {
  login(0, 10, 5, "a");
  login(0, 10, 5, "b");
  name(1, 10, 5, "b");
  boot(2);
  end(3, 10, 5, "b");
  follow();
  EXPECT_THAT(all("auditd.node"), testing::ElementsAre("b"));
}

TEST_F(HistoryTest, TheIdIsThatOfTheEventWhateverTheNodeIsCalled) {
  for (const int session : {5, 6}) {
    lone_login(0, 10, session, "a~b");  // incomplete: its id ends in ~ and a hash
    name(9, 10, session, "a~b");
    end(10, 10, session, "a~b");
  }
  follow();
  EXPECT_THAT(all("event.id"),
              testing::UnorderedElementsAre("00000000000000000000000000000001:a~b:1795400000.000:101:session",
                                            "00000000000000000000000000000001:a~b:1795400000.000:104:session"));
}

TEST_F(HistoryTest, AGuestHasItsResourcesAndItsEnd) {
  guest(0, "VIRT_RESOURCE", "resrc=disk reason=start vm=\"web\" old-disk=\"?\" new-disk=\"/virt/web.img\"");
  guest(0, "VIRT_RESOURCE", "resrc=cgroup reason=allow vm=\"web\" cgroup=\"/m\" class=path path=2F612062 acl=rw");
  guest(0, "VIRT_RESOURCE", "resrc=mem reason=start vm=\"web\" old-mem=0 new-mem=1048576", "failed");
  guest(1, "VIRT_CONTROL", "op=start reason=booted vm=\"web\" vm-pid=4242");
  guest(61, "VIRT_CONTROL", "op=stop reason=shutdown vm=\"web\" vm-pid=-1");
  guest(70, "VIRT_CONTROL", "op=start reason=booted vm=\"web\" vm-pid=0", "failed");
  guest(80, "VIRT_CONTROL", "op=start reason=booted vm=\"web\" vm-pid=4243");
  boot(90);
  follow();
  EXPECT_THAT(all("event.dataset"), testing::Each("actabeat.machine"));
  EXPECT_THAT(all("event.reason"), testing::ElementsAre("stopped", "failed", "crash"));
  EXPECT_THAT(all("event.outcome"), testing::ElementsAre("success", "failure", "success"));
  EXPECT_EQ(text_at(made_[0], "actabeat.machine.resources"), "disk /virt/web.img|cgroup allow path /a b");
  EXPECT_EQ(text_at(made_[0], "event.duration"), "60000000000");
  EXPECT_EQ(text_at(made_[0], "actabeat.machine.pid"), "4242");
}

TEST_F(HistoryTest, TheStateIsThatOfWhatIsSafe) {
  login(0, 10, 5);
  follow();
  EXPECT_EQ(follower_->state(0), "");
  const std::string state = follower_->state(1);
  EXPECT_NE(state, "");
  name(1, 10, 5);
  end(2, 10, 5);
  follow();
  EXPECT_EQ(follower_->state(1), state);
  EXPECT_NE(follower_->state(2), state);
  const std::string whole = json_.at(0);

  // Started again with that state, the same events make the same document.
  follower_ = history::make_follower();
  ASSERT_TRUE(follower_->resume(state));
  EXPECT_EQ(follower_->state(0), state);
  json_.clear();
  serial_ = 101;
  name(1, 10, 5);
  end(2, 10, 5);
  follow();
  ASSERT_EQ(json_.size(), 1u);
  EXPECT_EQ(json_[0], whole);
  EXPECT_EQ(follower_->state(UINT64_MAX), "");
}

TEST_F(HistoryTest, AStateThatIsNoneIsRefused) {
  for (const char* state :
       {"x", "[]", "{}", R"({"logins":[[]],"kernels":[],"guests":[]})",
        R"({"logins":[],"kernels":[["a"]],"guests":[]})", R"({"logins":[],"kernels":[],"guests":1})"})
    EXPECT_FALSE(follower_->resume(state)) << state;
  EXPECT_EQ(follower_->state(UINT64_MAX), "");
}

TEST_F(HistoryTest, WhatIsOpenIsBounded) {
  constexpr int kLogins = 3000;
  for (int i = 0; i < kLogins; ++i) {
    login(0, 10, i);
    name(0, 10, i);
  }
  follow();
  EXPECT_EQ(made_.size(), 3000u - 1024u);
  EXPECT_THAT(all("event.reason"), testing::Each("forgotten"));
  EXPECT_LT(follower_->state(UINT64_MAX).size(), 300'000u);
}

TEST_F(HistoryTest, TextOfUsersIsBoundedAndHarmless) {
  login(0, 10, 5);
  add("USER_LOGIN", 1,
      "pid=10 uid=0 auid=1000 ses=5 msg='op=login id=1000 exe=\"/x\" hostname=" + std::string(4000, 'h') +
          " addr=? terminal=\x01\xff\"\\ res=success'");
  end(2, 10, 5);
  follow();
  ASSERT_EQ(made_.size(), 1u);
  ASSERT_TRUE(made_[0].IsObject()) << json_[0];
  EXPECT_LT(json_[0].size(), 3000u);
}

TEST_F(HistoryTest, DocumentsFollowEcs) {
  SKIP_WITHOUT_SHARED(shared);
  boot(0);
  login(1, 10, 5);
  name(1, 10, 5);
  guest(1, "VIRT_CONTROL", "op=start reason=booted vm=\"web\" vm-pid=4242");
  boot(9);
  follow();
  ASSERT_EQ(made_.size(), 3u);
  const test::Ecs ecs(*shared + "/facts/ecs_flat.yml");
  for (const rapidjson::Document& document : made_) EXPECT_THAT(ecs.violations(document), testing::IsEmpty());
}

}  // namespace
}  // namespace acta
