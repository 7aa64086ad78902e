#include <fcntl.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "outputs/output.h"
#include "support/fake_elastic.h"
#include "support/redirect.h"
#include "support/temp_dir.h"

// The MUST rules for outputs of docs/component-spec.md, for every output there is.
namespace acta {
namespace {

/// What an output needs to be tried here, beside its defaults. A new output adds a row.
using Given = std::map<std::string, std::string>;
const std::map<std::string_view, Given (*)(const test::TempDir&)> kGiven = {
    {"console", [](const test::TempDir&) { return Given{}; }},
    {"file",
     [](const test::TempDir& dir) {
       return Given{{"path", dir / "out"}};
     }},
    {"elasticsearch",
     [](const test::TempDir&) {
       static test::FakeElastic elastic;
       return Given{{"hosts", "[\"" + elastic.url() + "\"]"}};
     }},
    {"kafka",
     [](const test::TempDir&) {
       return Given{{"hosts", "127.0.0.1:1"},
                    {"max_message_bytes", "2000000"},
                    {"kafka", "{test.mock.num.brokers: 1}"}};  // librdkafka's own broker, within the client
     }},
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Component<Output>* component : Registry<Output>::all()) all.emplace_back(component->name);
  return all;
}

class OutputContract : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    component_ = Registry<Output>::find(GetParam());
    ASSERT_NE(component_, nullptr);
    const auto given = kGiven.find(GetParam());
    ASSERT_NE(given, kGiven.end()) << "add a row for " << GetParam() << " to this test";
    given_ = given->second(dir_);
    null_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int n = 0; n < 10; ++n) {
      const std::string id = "id-" + std::to_string(n);
      batch_.add({.timestamp = n, .id = id, .dataset = "actabeat.audit", .key = "host"}, json(n));
    }
  }
  void TearDown() override { ::close(null_); }

  static std::string json(int n) {
    return "{\"n\":" + std::to_string(n) + ",\"s\":\"\\u001b[31m\\\"" + std::string(n == 7 ? 1 << 20 : 3, 'x') + "\"}";
  }
  std::unique_ptr<Output> make() {
    auto settings = make_settings(component_->options, given_);
    EXPECT_TRUE(settings) << settings.error().what;
    auto made = component_->make(*settings);
    EXPECT_TRUE(made) << made.error().what;
    return std::move(*made);
  }
  Attempt send(Output& output, size_t from, size_t to) {
    const Nanos begin = clock_.monotonic();
    Attempt attempt = output.send(Docs(batch_.docs()).subspan(from, to - from), begin + 10 * kSecond);
    EXPECT_LT(clock_.monotonic() - begin, 15 * kSecond) << "returns by its deadline or soon after";
    return attempt;
  }
  static void expect_all(const Attempt& attempt, Fate fate, size_t count) {
    ASSERT_EQ(attempt.fate.size(), count);
    for (const Fate each : attempt.fate) EXPECT_EQ(each, fate) << attempt.why;
    EXPECT_TRUE(fate == Fate::accepted || !attempt.why.empty()) << "says why";
    EXPECT_FALSE(attempt.too_large || attempt.gone);
  }

  const Component<Output>* component_ = nullptr;
  test::TempDir dir_;
  Given given_;
  SystemClock clock_;
  Batch batch_;
  int null_ = -1;
};
INSTANTIATE_TEST_SUITE_P(All, OutputContract, ::testing::ValuesIn(names()),
                         [](const auto& output) { return output.param; });

TEST_P(OutputContract, ItsTableIsADocument) {
  EXPECT_FALSE(component_->summary.empty());
  EXPECT_TRUE(component_->summary.ends_with('.'));
  std::set<std::string_view> keys;
  for (const Option& option : component_->options) {
    SCOPED_TRACE(option.key);
    EXPECT_TRUE(keys.insert(option.key).second) << "twice";
    EXPECT_EQ(option.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_."), std::string_view::npos);
    EXPECT_TRUE(option.help.ends_with('.'));
    EXPECT_FALSE(option.required && !option.fallback.empty()) << "what is required has no default";
    EXPECT_LE(option.min, option.max);
    const bool one = option.type != Option::Type::list;  // the choices of a list are of its entries
    if (one && !option.choices.empty() && !option.fallback.empty()) {
      EXPECT_NE(std::find(option.choices.begin(), option.choices.end(), option.fallback), option.choices.end());
    }
  }
}

TEST_P(OutputContract, WithoutAConnectionEverythingIsARetry) {
  const test::StdoutTo null(null_);
  const auto output = make();
  expect_all(send(*output, 0, 10), Fate::retry, 10);
  EXPECT_TRUE(output->tick(clock_.monotonic()));
  EXPECT_TRUE(output->close());
}

TEST_P(OutputContract, OneFateForEachDocumentOfTheRange) {
  const test::StdoutTo null(null_);
  const auto output = make();
  ASSERT_TRUE(output->connect());
  expect_all(send(*output, 0, 10), Fate::accepted, 10);
  expect_all(send(*output, 3, 5), Fate::accepted, 2);
  expect_all(send(*output, 9, 10), Fate::accepted, 1);
  EXPECT_EQ(send(*output, 4, 4).fate.size(), 0u);
}

TEST_P(OutputContract, TheBatchIsNotChanged) {
  const test::StdoutTo null(null_);
  const auto output = make();
  ASSERT_TRUE(output->connect());
  send(*output, 0, 10);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(batch_[static_cast<size_t>(n)].json, json(n));
}

TEST_P(OutputContract, ConnectAndCloseAndTickAnyTime) {
  const test::StdoutTo null(null_);
  const auto output = make();
  EXPECT_TRUE(output->tick(0));
  EXPECT_TRUE(output->close());
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(output->connect());
    EXPECT_TRUE(output->connect());
    expect_all(send(*output, 0, 2), Fate::accepted, 2);
    EXPECT_TRUE(output->connect()) << "also when all is well";
    EXPECT_TRUE(output->tick(clock_.monotonic()));
    EXPECT_TRUE(output->close());
    EXPECT_TRUE(output->close());
    expect_all(send(*output, 0, 2), Fate::retry, 2);
  }
}

TEST_P(OutputContract, MayBeDestroyedAtAnyTime) {
  const test::StdoutTo null(null_);
  auto output = make();
  output.reset();
  output = make();
  ASSERT_TRUE(output->connect());
  send(*output, 0, 10);
}

TEST_P(OutputContract, ADeadlineThatIsOverStillGivesEveryDocumentAFate) {
  const test::StdoutTo null(null_);
  const auto output = make();
  ASSERT_TRUE(output->connect());
  const Nanos begin = clock_.monotonic();
  const Attempt attempt = output->send(Docs(batch_.docs()).subspan(0, 10), begin - kSecond);
  EXPECT_EQ(attempt.fate.size(), 10u);
  EXPECT_LT(clock_.monotonic() - begin, 5 * kSecond);
}

}  // namespace
}  // namespace acta
