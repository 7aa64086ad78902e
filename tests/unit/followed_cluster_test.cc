#include "report/followed_cluster.h"

#include <gtest/gtest.h>

#include <deque>

#include "support/fake_clock.h"

namespace acta::report {
namespace {

/// One look's answer.
class Page final : public Source {
 public:
  explicit Page(std::deque<std::string> documents) : documents_(std::move(documents)) {}
  Result<bool> next(Document& document) override {
    if (documents_.empty()) return false;
    text_ = std::move(documents_.front());
    documents_.pop_front();
    EXPECT_TRUE(document.parse(text_.data()));
    return true;
  }
  [[nodiscard]] std::string name() const override { return "page"; }
  [[nodiscard]] std::string where() const override { return "page"; }
  [[nodiscard]] const Unread& unread() const override { return unread_; }

 private:
  std::deque<std::string> documents_;
  std::string text_;
  Unread unread_;
};

std::string document(const std::string& id, const std::string& ingested) {
  return R"({"@timestamp":"2026-11-01T00:00:00.000Z","event":{"id":")" + id + R"(","ingested":")" + ingested + "\"}}";
}

class FollowedClusterTest : public testing::Test {
 protected:
  std::string read() {
    std::string ids;
    for (;;) {
      const auto more = source_.next(document_);
      if (!more) return ids + "error";
      if (!*more) return ids;
      ids += document_.text("event.id");
    }
  }

  test::FakeClock clock_;
  std::deque<Result<std::deque<std::string>>> answers_;
  std::vector<Nanos> since_;
  FollowedCluster source_{{.dataset = "actabeat.audit"},
                          [this](const Wanted& wanted) -> Result<std::unique_ptr<Source>> {
                            since_.push_back(wanted.since);
                            auto answer = std::move(answers_.front());
                            answers_.pop_front();
                            if (!answer) return tl::unexpected(answer.error());
                            return std::make_unique<Page>(*std::move(answer));
                          },
                          clock_};
  Document document_;
};

TEST_F(FollowedClusterTest, ALaterLookGivesOnlyWhatIsNew) {
  clock_.set_realtime(*parse_time("2026-11-23T00:01:00Z"));
  answers_.push_back({{document("a", "2026-11-23T00:00:00Z"), document("b", "2026-11-23T00:00:58Z")}});
  answers_.push_back({{document("c", "2026-11-23T00:00:57Z"), document("b", "2026-11-23T00:00:58Z")}});
  EXPECT_EQ(read(), "ab");
  EXPECT_EQ(read(), "") << "too early for another look";
  clock_.advance(FollowedCluster::kLook);
  EXPECT_EQ(read(), "c");
  EXPECT_EQ(since_, (std::vector<Nanos>{INT64_MIN, *parse_time("2026-11-23T00:00:58Z") - FollowedCluster::kOverlap}));
}

TEST_F(FollowedClusterTest, ATimeThatIsAheadHidesNothing) {
  clock_.set_realtime(*parse_time("2026-11-23T00:01:00Z"));
  answers_.push_back({{R"({"@timestamp":"2099-01-01T00:00:00Z","event":{"id":"a"}})"}});
  answers_.push_back(
      {{R"({"@timestamp":"2099-01-01T00:00:00Z","event":{"id":"a"}})", document("b", "2026-11-23T00:01:01Z")}});
  EXPECT_EQ(read(), "a");
  clock_.advance(FollowedCluster::kLook);
  EXPECT_EQ(read(), "b");
  EXPECT_EQ(since_.back(), *parse_time("2026-11-23T00:01:00Z") - FollowedCluster::kOverlap);
}

TEST_F(FollowedClusterTest, OnlyTheFirstLookFails) {
  answers_.push_back({});
  answers_.push_back(fail(Errc::io, "away"));
  answers_.push_back({{document("a", "2026-11-23T00:00:00Z")}});
  EXPECT_EQ(read(), "");
  for (const char* given : {"", "a"}) {
    clock_.advance(FollowedCluster::kLook);
    EXPECT_EQ(read(), given);
  }
  clock_.advance(FollowedCluster::kLook);
  answers_.push_back(fail(Errc::io, "away"));
  FollowedCluster other(
      {}, [](const Wanted&) -> Result<std::unique_ptr<Source>> { return fail(Errc::io, "away"); }, clock_);
  EXPECT_FALSE(other.next(document_));
}

}  // namespace
}  // namespace acta::report
