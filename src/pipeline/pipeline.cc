#include "pipeline/pipeline.h"

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "event/encoder.h"
#include "event/finished_document.h"
#include "pipeline/health_document.h"
#include "pipeline/loss_document.h"

namespace acta {
namespace {

constexpr size_t kBatchDocuments = 1024;
constexpr size_t kBatchBytes = 256u << 10;  // the processor still has them at hand when they are written
constexpr Position kNowhere{UINT64_MAX, UINT64_MAX};

void add(std::atomic<uint64_t>& counter, uint64_t n) {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);  // one writer
}

std::vector<std::string> names_of(const std::vector<Route>& routes) {
  std::vector<std::string> names;
  for (const Route& route : routes) names.push_back(route.name);
  return names;
}

}  // namespace

Pipeline::Pipeline(Parts parts)
    : parts_(std::move(parts)), route_fields_(names_of(parts_.routes)), next_offset_(parts_.queue->end()) {
  for (const Cursor& cursor : parts_.resume) {
    auto source = std::make_unique<Source>();
    source->skip = SkipFilter(cursor);
    tracker_.resume(static_cast<uint16_t>(sources_.size()), cursor);
    source->read_to = cursor.at;
    sources_.push_back(std::move(source));
    if (!parts_.followers.empty()) resume_follower(sources_.size() - 1);
  }
}

void Pipeline::resume_follower(size_t number) {
  CHECK(number < parts_.followers.size());
  std::unique_ptr<Follower>& follower = sources_[number]->follower;
  follower = std::move(parts_.followers[number]);
  if (auto resumed = follower->resume(parts_.resume[number].state); !resumed)
    log::error("pipeline", resumed.error().what + ": what is open now will get no document at its end");
}

Pipeline::~Pipeline() = default;

Decoder& Pipeline::decoder_of(RawKind kind) {
  const auto found =
      std::find_if(parts_.decoders.begin(), parts_.decoders.end(), [kind](const auto& d) { return d->kind() == kind; });
  CHECK(found != parts_.decoders.end());
  return **found;
}

void Pipeline::accept(RawBatch&& batch) {
  CHECK(hungry());
  raw_ = std::move(batch);
  next_item_ = next_loss_ = 0;
}

RawBatch Pipeline::take_back() {
  next_item_ = next_loss_ = 0;
  return std::exchange(raw_, {});
}

Result<> Pipeline::step(Nanos wait) {
  if (blocked()) return append(wait);
  if (parts_.refused != nullptr && !parts_.refused->write(wait)) return {};
  while (next_item_ < raw_.size() && pending_.size() < kBatchDocuments && pending_.bytes() < kBatchBytes) {
    note_losses(next_item_);
    feed(raw_[next_item_++]);
  }
  if (next_item_ == raw_.size()) note_losses(next_item_);
  tell_losses(false);
  tell_health();
  count_open();
  if (parts_.refused != nullptr) parts_.refused->write(0);
  if (pending_.empty()) return {};
  pending_closed_ = true;
  return append(wait);
}

void Pipeline::feed(const RawItem& item) {
  if (item.kind == RawKind::document) return pass(item);
  Source& source = *sources_[item.source];
  if (source.decoder == nullptr || source.decoder->kind() != item.kind) source.decoder = &decoder_of(item.kind);
  add(source.counters.read, 1);
  source.read_to = item.end;
  if (source.skip.skip(item, *source.decoder)) return add(source.counters.skipped, 1);
  source.decoder->feed(item, raw_.read_at, *this);
}

// What somebody else has made is not made again.
void Pipeline::pass(const RawItem& item) {
  Source& source = *sources_[item.source];
  add(source.counters.read, 1);
  source.read_to = item.end;
  const Provenance provenance{.source = item.source, .begin = item.begin, .end = item.end, .records = 1};
  FinishedDocument document = document_of(item);
  if (!document.refusal.empty()) {
    CHECK(parts_.refused != nullptr);
    parts_.refused->add(item.source, item.begin, document.refusal, {document.meta, document.json});
    tracker_.dropped(provenance);
    return add(source.counters.refused, 1);
  }
  routes_.clear();
  if (!parts_.routes.empty() && route_fields_.read(document.json)) append_routes(route_fields_, routes_);
  document.meta.routes = routes_;
  add(source.counters.in_documents, 1);
  ++source.documents;
  tracker_.track(provenance, next_offset_ + pending_.size());
  pending_.add(document.meta, document.json);
}

void Pipeline::emit(Event& event, const Provenance& provenance) {
  Source& source = *sources_[provenance.source];
  const bool followed = source.follower != nullptr && source.follower->follow(event, [this](Event& made) {
    if (keeps(made)) commit_document(made);
  });
  if (!keeps(event)) return drop(source, provenance, followed);
  add(source.counters.in_documents, provenance.records);
  ++source.documents;
  if (event.has(FieldId::kActabeatIncomplete)) ++source.incomplete;
  const Offset offset = next_offset_ + pending_.size();
  tracker_.track(provenance, offset);
  if (followed) source.follower->settle(offset + 1);
  commit_document(event);
}

bool Pipeline::keeps(Event& event) {
  return std::all_of(parts_.processors.begin(), parts_.processors.end(),
                     [&](const auto& processor) { return processor->process(event) == Verdict::keep; });
}

// What was made of a dropped event, and the state it left, become safe with the documents before it.
void Pipeline::drop(Source& source, const Provenance& provenance, bool followed) {
  const Offset end = next_offset_ + pending_.size();
  if (followed && end > 0) {
    tracker_.track(provenance, end - 1);
  } else {
    tracker_.dropped(provenance);
  }
  if (followed) source.follower->settle(end);
  add(source.counters.filtered, provenance.records);
}

void Pipeline::commit_document(const Event& event) {
  routes_.clear();
  append_routes(parts_.routes, event, routes_);
  Encoder::encode(event, pending_.begin());
  pending_.commit(
      {.timestamp = event.find(FieldId::kTimestamp) == nullptr ? 0 : event.find(FieldId::kTimestamp)->integer(),
       .id = event.text(FieldId::kEventId),
       .dataset = event.text(FieldId::kEventDataset),
       .key = event.text(FieldId::kHostId),
       .routes = routes_});
}

void Pipeline::duplicates(uint16_t source, uint64_t records) {
  add(sources_[source]->counters.duplicates, records);
}

Result<> Pipeline::append(Nanos wait) {
  const size_t count = pending_.size();
  auto first = parts_.queue->append(std::move(pending_));
  if (!first) {
    if (first.error().code != Errc::full) return tl::unexpected(first.error());
    parts_.queue->wait_for_room(wait);
    return {};
  }
  next_offset_ = *first + count;
  documents_.fetch_add(count, std::memory_order_relaxed);
  pending_.clear();  // keeps its memory where the queue only looked at it
  pending_closed_ = false;
  return {};
}

// The losses of the batch that lie before item `upto`.
void Pipeline::note_losses(size_t upto) {
  const std::vector<RawBatch::Lost>& lost = raw_.losses();
  for (; next_loss_ < lost.size() && lost[next_loss_].at <= upto; ++next_loss_) {
    const Loss& loss = lost[next_loss_].loss;
    Source& source = *sources_[loss.source];
    add(source.counters.lost, loss.count);
    source.loss_at = std::min(source.loss_at, source.read_to);
    losses_.add(loss);
  }
}

void Pipeline::tell_losses(bool all) {
  for (const Loss& loss : parts_.queue->take_losses()) losses_.add(loss);
  if (losses_.empty()) return;
  const Nanos now = parts_.clock->monotonic();
  for (const Loss& loss : all ? losses_.rest(now) : losses_.due(now)) tell(loss);
}

void Pipeline::tell(const Loss& loss) {
  const bool of_input = loss.source != Loss::kNoSource;
  const std::string_view input =
      of_input && loss.source < parts_.inputs.size() ? std::string_view(parts_.inputs[loss.source]) : "";
  // How much an overrun of the socket cost nobody knows: it counts by times.
  const uint64_t told = loss.reason == LossReason::socket_overrun ? 1 : loss.count;
  (of_input ? sources_[loss.source]->lost : lost_of_queue_)[static_cast<size_t>(loss.reason)] += told;
  write_loss(parts_.services, loss, input, parts_.clock->realtime(), loss_event_);
  for (const auto& processor : parts_.processors) static_cast<void>(processor->process(loss_event_));
  if (of_input) {
    Source& source = *sources_[loss.source];
    const Position at = source.loss_at;
    tracker_.track({.source = loss.source, .begin = at, .end = at}, next_offset_ + pending_.size());
    if (!losses_.has(loss.source)) source.loss_at = kNowhere;
  }
  commit_document(loss_event_);
}

void Pipeline::tell_health() {
  const Nanos now = parts_.clock->monotonic();
  if (parts_.health_every == 0 || now < next_health_) return;
  const bool first = std::exchange(next_health_, now + parts_.health_every) == 0;
  if (first) return;  // a period has to pass before there is something to tell
  for (size_t i = 0; i < sources_.size(); ++i) tell_health_of_input(i);
  for (const Destination& output : parts_.outputs) tell_health_of_output(output);
}

void Pipeline::tell_health_of_input(size_t number) {
  const Source& source = *sources_[number];
  const SourceCounters& counters = source.counters;
  HealthFigures figures{.read = counters.read,
                        .in_documents = counters.in_documents,
                        .duplicates = counters.duplicates,
                        .filtered = counters.filtered,
                        .refused = counters.refused,
                        .skipped = counters.skipped,
                        .documents = source.documents,
                        .incomplete = source.incomplete,
                        .lost = source.lost};
  for (const auto& decoder : parts_.decoders) figures.open += decoder->open_records(static_cast<uint16_t>(number));
  for (size_t reason = 0; reason < kLossReasons; ++reason) figures.lost[reason] += lost_of_queue_[reason];
  write_health(parts_.services, number < parts_.inputs.size() ? std::string_view(parts_.inputs[number]) : "", figures,
               parts_.clock->realtime(), loss_event_);
  commit_document(loss_event_);
}

void Pipeline::tell_health_of_output(const Destination& output) {
  const OutputCounters& counters = *output.counters;
  const uint64_t in_hand = counters.waiting;
  const Offset position = counters.position;  // before the end, which only this thread moves
  const Nanos failing_since = counters.failing_since;
  write_output_health(parts_.services, output.name,
                      {.waiting = parts_.queue->end() - position + in_hand,
                       .accepted = counters.accepted,
                       .rejected = counters.rejected,
                       .given_up = counters.dropped + counters.expired + counters.damaged,
                       .retried = counters.retried,
                       .connect_failed = counters.connect_failed,
                       .failing_for = failing_since == 0 ? 0 : parts_.clock->monotonic() - failing_since},
                      parts_.clock->realtime(), loss_event_);
  commit_document(loss_event_);
}

void Pipeline::idle() {
  for (const auto& decoder : parts_.decoders) decoder->idle(parts_.clock->monotonic(), *this);
  tell_losses(false);
  tell_health();
  count_open();
}

void Pipeline::flush() {
  for (const auto& decoder : parts_.decoders) decoder->flush(*this);
  tell_losses(true);
  count_open();
}

void Pipeline::count_open() {
  for (size_t i = 0; i < sources_.size(); ++i) {
    sources_[i]->counters.in_assembler.store(open_records(static_cast<uint16_t>(i)), std::memory_order_relaxed);
  }
}

void Pipeline::flush(uint16_t source) {
  for (const auto& decoder : parts_.decoders) decoder->flush_source(source, *this);
  tell_losses(true);
}

uint64_t Pipeline::open_records(uint16_t source) const {
  uint64_t open = 0;
  for (const auto& decoder : parts_.decoders) open += decoder->open_records(source);
  return open;
}

Cursor Pipeline::cursor(uint16_t number) {
  Source& source = *sources_[number];
  Position oldest = source.loss_at;
  if (parts_.refused != nullptr) oldest = std::min(oldest, parts_.refused->oldest(number));
  for (const auto& decoder : parts_.decoders) oldest = std::min(oldest, decoder->oldest_open(number));
  const Offset safe = parts_.queue->safe();
  Cursor cursor = tracker_.cursor(number, source.read_to, oldest, safe);
  if (source.follower != nullptr) cursor.state = source.follower->state(safe);
  return cursor;
}

}  // namespace acta
