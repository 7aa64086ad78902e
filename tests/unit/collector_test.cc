#include "pipeline/collector.h"

#include <gtest/gtest.h>

#include <string>

#include "support/fake_clock.h"

namespace acta {
namespace {

/// An input of a number of batches, then nothing.
class FewBatches final : public Input {
 public:
  explicit FewBatches(int batches) : batches_(batches) {}
  Result<> open(uint16_t, const Cursor&) override { return {}; }
  Result<Pull> pull(RawBatch& batch) override {
    if (batches_ == 0) return Pull::idle;
    --batches_;
    batch.room(1)[0] = 'x';
    batch.item({.end = {1, 1}}, batch.keep(1), 1);
    return Pull::more;
  }
  [[nodiscard]] bool can_wait() const override { return true; }
  void safe(Position) override {}
  [[nodiscard]] std::vector<Cursor::FileMark> marks(Position) const override { return {}; }
  Result<> close() override { return {}; }

 private:
  int batches_;
};

// Events are closed by age when the channel is drained: not while the rest of them waits to be read.
TEST(Collector, TheChannelIsDrainedOnlyWhenTheInputsAreReadToTheirEnds) {
  const test::FakeClock clock;
  Channel channel(1);
  FewBatches input(2);
  Collector collector({&input}, channel, clock);
  EXPECT_FALSE(channel.drained()) << "nobody has looked at the input yet";
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(collector.step(0));
    ASSERT_TRUE(collector.step(0)) << "no room: the rest waits in the input";
    EXPECT_FALSE(channel.drained());
    ASSERT_TRUE(channel.take(0));
    EXPECT_FALSE(channel.drained());
  }
  ASSERT_TRUE(collector.step(0));
  EXPECT_TRUE(channel.drained());
}

}  // namespace
}  // namespace acta
