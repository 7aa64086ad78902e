#include "support/kafka_reader.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "event/finished_document.h"

namespace acta::test {

KafkaReader::KafkaReader(const std::map<std::string, std::string>& given) {
  const Component<Input>* component = Registry<Input>::find("kafka");
  auto settings = make_settings(component->options, given);
  EXPECT_TRUE(settings) << settings.error().what;
  auto made = component->make(*settings);
  EXPECT_TRUE(made) << made.error().what;
  input_ = std::move(*made);
  const auto opened = input_->open(0, {});
  EXPECT_TRUE(opened) << opened.error().what;
}

size_t KafkaReader::pull(size_t count, Nanos wait) {
  constexpr int kPollMs = 50;
  const SystemClock clock;
  const size_t before = items_.size();
  for (const Nanos end = clock.monotonic() + wait; items_.size() < before + count && clock.monotonic() < end;) {
    RawBatch batch;
    const auto pulled = input_->pull(batch);
    EXPECT_TRUE(pulled) << pulled.error().what;
    losses_ += batch.losses().size();
    for (size_t i = 0; i < batch.size(); ++i) {
      const RawItem item = batch[i];
      const FinishedDocument document = document_of(item);
      EXPECT_TRUE(items_.empty() || items_.back().end == item.begin) << "positions follow each other";
      items_.push_back({std::string(document.meta.id), std::string(document.json), item.begin, item.end});
    }
    if (!batch.empty()) continue;
    pollfd fd{.fd = input_->poll_fd(), .events = POLLIN, .revents = 0};
    ::poll(&fd, 1, kPollMs);
  }
  return items_.size() - before;
}

void KafkaReader::safe(size_t count) {
  if (count > 0) input_->safe(items_[count - 1].end);
}

}  // namespace acta::test
