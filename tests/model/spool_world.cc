#include "model/spool_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "spool/payload.h"

namespace acta::model {
namespace {

constexpr char kDirectory[] = "/spool";
constexpr size_t kSteps = 250;
constexpr const char* kNames[] = {"a", "b", "c"};

/// A document with its id in it; some hold a whole frame made by somebody who knows all but the mark.
void add_document(Batch& batch, const std::string& id, Offset offset, test::Random& random) {
  std::string json = "{\"id\":\"" + id + "\",\"text\":\"" + std::string(random.pick(300), 'x') + "\"}";
  if (random.chance(20)) {
    Batch forged;
    forged.add({.timestamp = 1, .id = "forged", .dataset = "d", .key = "k"}, "{\"forged\":true}");
    std::string frame(spool::kFrameHeaderBytes, '\0');
    spool::encode_payload(forged, frame);
    const auto size = static_cast<uint32_t>(frame.size() - spool::kFrameHeaderBytes);
    spool::seal_frame({.stored = size, .mark = kForgedMark, .first = offset + 1, .count = 1, .raw = size}, frame);
    json += frame;
  }
  batch.add({.timestamp = static_cast<Nanos>(offset), .id = id, .dataset = "d", .key = "k"}, json);
}

}  // namespace

SpoolWorld::SpoolWorld(uint64_t seed, SpoolBugs bugs)
    : random_(seed),
      bugs_(std::move(bugs)),
      tampered_(
          disk_, bugs_.write ? bugs_.write : [](const std::string&, std::string_view b) { return std::string(b); }),
      faults_(tampered_),
      options_(options()) {
  damages_ = random_.chance(20);
}

DiskOptions SpoolWorld::options() {
  DiskOptions made{.directory = kDirectory,
                   .bytes_max = (16 + random_.pick(200)) << 10,
                   .segment_bytes = 0,
                   .reserve_bytes = 0,
                   .age_max = random_.chance(20) ? static_cast<Nanos>(10 + random_.pick(100)) * kSecond : 0,
                   .sync = DiskOptions::Sync::interval,
                   .when_full = random_.chance(25) ? DiskOptions::WhenFull::drop_oldest : DiskOptions::WhenFull::block,
                   .level = static_cast<int>(random_.pick(2)),
                   .key = random_.chance(30) ? std::string(32, 'k') : std::string(),
                   .new_output_at_newest = random_.chance(30),
                   .removed_output_grace = static_cast<Nanos>(random_.pick(2)) * 50 * kSecond};
  made.segment_bytes = std::min<uint64_t>(1024 + random_.pick(20'000), made.bytes_max / 4);  // as configured
  if (random_.chance(15)) made.sync = DiskOptions::Sync::always;
  if (random_.chance(10)) made.sync = DiskOptions::Sync::never;
  gives_up_ = made.age_max != 0 || made.when_full == DiskOptions::WhenFull::drop_oldest;
  return made;
}

void SpoolWorld::problem(std::string what) {
  constexpr size_t kProblemsMax = 10;
  if (problems_.size() < kProblemsMax) problems_.push_back(std::move(what));
}

std::vector<std::string> SpoolWorld::run() {
  if (!open()) return problems_;
  for (size_t step = 0; step < kSteps && problems_.empty(); ++step) {
    if (dead()) crash();
    if (!faults_.calls_left && random_.chance(3)) faults_.calls_left = static_cast<unsigned>(random_.pick(25));
    act();
    if (dead() || random_.chance(2)) crash();
  }
  if (problems_.empty()) finish();
  return problems_;
}

// ---- opening

bool SpoolWorld::open() {
  auto opened = DiskQueue::open(faults_, clock_, options_);
  if (!opened) {
    if (!dead()) problem("does not open: " + opened.error().what);
    return false;
  }
  queue_ = std::move(*opened);
  choose_readers();
  return problems_.empty();
}

// At least one of the readers; one that is not there now may come back.
void SpoolWorld::choose_readers() {
  const size_t always = random_.pick(std::size(kNames));
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (i != always && random_.chance(40)) continue;
    auto reader = queue_->reader(kNames[i]);
    if (!reader && dead()) return;  // the host crashed meanwhile
    if (!reader) return problem("no reader: " + reader.error().what);
    Reading& reading = readers_[kNames[i]];
    reading.reader = std::move(*reader);
    check_place(kNames[i], reading);
  }
}

// A reader goes on where its file says; one that nobody knows any more begins as if new.
void SpoolWorld::check_place(const std::string& name, Reading& reading) {
  const Offset at = reading.reader->committed();
  const bool grace = clock_.realtime() - reading.present_at < options_.removed_output_grace / 2;
  if (reading.known && !damaged_ && grace) {
    if (at < reading.saved) problem(fmt::format("{} begins at {}, though {} was saved", name, at, reading.saved));
    if (!may_skip() && at > reading.committed)
      problem(fmt::format("{} begins at {}, though only {} was committed", name, at, reading.committed));
  }
  reading.at = reading.committed = at;
  reading.gaps = 0;
}

// ---- acting

void SpoolWorld::act() {
  const size_t what = random_.pick(100);
  if (what < 35) {
    append();
  } else if (what < 45) {
    sync();
  } else if (what < 90) {
    std::vector<std::string> there;
    for (const auto& [name, reading] : readers_) {
      if (reading.reader != nullptr) there.push_back(name);
    }
    const std::string& name = there[random_.pick(there.size())];
    if (what < 75) {
      read(name, readers_[name]);
    } else {
      commit(readers_[name]);
    }
  } else if (what < 97) {
    clock_.advance(static_cast<Nanos>(random_.pick(20)) * kSecond);
  } else {
    faults_.fail(random_.chance(30) ? test::FaultFs::Op::sync : test::FaultFs::Op::append,
                 random_.chance(50) ? EIO : ENOSPC);
    if (random_.chance(30)) faults_.fail(test::FaultFs::Op::truncate, EIO);
  }
}

void SpoolWorld::append() {
  Batch batch;
  std::vector<std::string> ids;
  const Offset end = queue_->end();
  for (size_t i = 0; i <= random_.pick(8); ++i) {
    ids.push_back(fmt::format("id-{}", documents_++));
    add_document(batch, ids.back(), end + i, random_);
  }
  auto first = queue_->append(std::move(batch));
  if (!first && options_.sync != DiskOptions::Sync::always) return;  // nothing was taken
  if (queue_->end() == end) return;                                  // with a sync after each append: nor here
  if (end != log_.size()) problem(fmt::format("appended at {}, not at {}", end, log_.size()));
  log_.insert(log_.end(), ids.begin(), ids.end());
  vouched_ = true;
  if (queue_->end() != log_.size()) problem("the end is not where it should be");
  safe_ = queue_->safe();
  if (first && options_.sync != DiskOptions::Sync::interval && safe_ != log_.size()) problem("appended and not safe");
}

void SpoolWorld::sync() {
  const Offset before = queue_->safe();
  std::map<std::string, Offset> committed;
  for (const auto& [name, reading] : readers_) committed[name] = reading.committed;
  const unsigned failures = faults_.failures();
  const auto done = queue_->sync();
  safe_ = queue_->safe();
  if (safe_ < before) problem("what was safe is not any more");
  if (!done) return;
  if (safe_ != log_.size()) problem("synced and not safe");
  // A place that cannot be saved is no error of sync(): it is saved later.
  if (faults_.failures() != failures || dead()) return;
  for (auto& [name, reading] : readers_) {
    if (reading.reader == nullptr) continue;
    auto file = read_file(disk_, fmt::format("{}/{}.reader", kDirectory, name), 4096);
    auto parsed =
        file ? spool::parse_reader_file(name, *file) : Result<spool::ReaderFile>(tl::unexpected(file.error()));
    reading.known = parsed.has_value();
    reading.present_at = clock_.realtime();
    if (parsed) reading.saved = parsed->committed;
  }
}

void SpoolWorld::read(const std::string& name, Reading& reading) {
  for (size_t i = 0; i <= random_.pick(4); ++i) {
    auto span = reading.reader->next(0);
    if (!span) {
      if (!dead() && !damaged_) problem(name + " cannot read: " + span.error().what);
      return;
    }
    if (!*span) return;
    take(reading, name, **span);
  }
}

// What a reader was given: the documents from its place on, unless some were given up or lost, which is counted.
void SpoolWorld::take(Reading& reading, const std::string& name, const Span& span) {
  if (span.first < reading.at) problem(fmt::format("{} was given {} again, being at {}", name, span.first, reading.at));
  if (span.first > reading.at) {
    reading.gaps += span.first - reading.at;
  }
  check_missed(reading, name);
  for (size_t i = 0; i < span.batch->size(); ++i) {
    const Offset offset = span.first + i;
    const std::string id((*span.batch)[i].meta.id);
    const bool right = offset < log_.size() && (log_[offset] == id || log_[offset].empty());
    if (!right || id == "forged") problem(fmt::format("{} was given {} at {}", name, id, offset));
  }
  reading.at = span.end();
}

// Each document that a reader did not get is counted for it, once, for a reason that there was.
void SpoolWorld::check_missed(const Reading& reading, const std::string& name) {
  const Missed missed = reading.reader->missed();
  if (reading.gaps != missed.all() + missed.unused)
    problem(fmt::format("{} did not get {} documents, and {} are counted", name, reading.gaps,
                        missed.all() + missed.unused));
  if (missed.damaged != 0 && !damaged_ && !unpromised_)
    problem(fmt::format("{} documents are damaged for {} though nothing was damaged", missed.damaged, name));
  if (missed.dropped + missed.expired != 0 && !gives_up_) problem("documents were given up for " + name);
}

void SpoolWorld::commit(Reading& reading) {
  if (reading.at <= reading.committed) return;
  const Offset upto = reading.committed + 1 + random_.pick(reading.at - reading.committed);
  const Offset wrong = std::min<Offset>(reading.at, upto + bugs_.commits_beyond);
  if (auto done = reading.reader->commit(wrong); !done) problem("cannot commit: " + done.error().what);
  reading.committed = std::max(reading.committed, upto);
}

// ---- crashing

void SpoolWorld::crash() {
  const bool host = random_.chance(60);
  if (!damaged_ && !unpromised_ && queue_->counts().lost != 0)
    problem(fmt::format("{} documents are counted as lost though nothing was damaged", queue_->counts().lost.load()));
  for (auto& [name, reading] : readers_) reading.reader.reset();
  queue_.reset();
  for (;;) {
    faults_.calls_left.reset();
    if (host) {
      using Loss = test::FakeFs::Loss;
      constexpr Loss kLosses[] = {Loss::nothing, Loss::everything, Loss::random_tails, Loss::random_pages};
      disk_.crash(kLosses[random_.pick(4)], random_.engine());
      unpromised_ = unpromised_ || options_.sync == DiskOptions::Sync::never;
    }
    if (damages_ && random_.chance(30)) damage();
    clock_.advance(static_cast<Nanos>(random_.pick(30)) * kSecond);
    for (const auto op : {test::FaultFs::Op::sync, test::FaultFs::Op::append, test::FaultFs::Op::truncate})
      faults_.fail(op, EIO, 0);
    if (random_.chance(15)) faults_.calls_left = static_cast<unsigned>(random_.pick(25));  // and once more in recovery
    auto opened = DiskQueue::open(faults_, clock_, options_);
    if (opened) {
      queue_ = std::move(*opened);
      break;
    }
    if (!dead()) return problem("does not open again: " + opened.error().what);
  }
  recovered(host);
  if (problems_.empty()) choose_readers();
}

// The log ends at or after what was safe, and a crash of the agent alone takes nothing.
void SpoolWorld::recovered(bool host) {
  const Offset end = queue_->end();
  const Offset promised = host && options_.sync == DiskOptions::Sync::never ? 0 : safe_;
  if (end < promised && vouched_ && !damaged_)
    problem(fmt::format("the log ends at {}, though {} was safe", end, promised));
  if (!host && end < log_.size() && vouched_ && !damaged_)
    problem(fmt::format("a crash of the agent took documents {} to {}", end, log_.size()));
  if (!damaged_ && !unpromised_ && !queue_->recovered().lost.empty())
    problem("documents are called lost though nothing was damaged");
  if (end > log_.size() && !may_skip())
    problem(fmt::format("the log ends at {}, but only {} was appended", end, log_.size()));
  vouched_ = !unpromised_;
  log_.resize(end);
  safe_ = std::min<Offset>(queue_->safe(), end);
  for (auto& [name, reading] : readers_) reading.saved = std::min(reading.saved, end);
}

// Somebody or something changes bytes of a segment.
void SpoolWorld::damage() {
  const auto names = disk_.list(kDirectory);
  std::vector<std::string> segments;
  for (const std::string& name : *names) {
    if (spool::segment_offset(name)) segments.push_back(fmt::format("{}/{}", kDirectory, name));
  }
  if (segments.empty()) return;
  damaged_ = true;
  const std::string& path = segments[random_.pick(segments.size())];
  std::string content = disk_.content(path);
  for (size_t i = 0; i <= random_.pick(3) && !content.empty(); ++i) content[random_.pick(content.size())] ^= 0x40;
  if (random_.chance(20)) content.resize(random_.pick(content.size() + 1));
  disk_.put(path, content);
}

// ---- the end

// All trouble over: every reader gets the rest, and the spool is empty.
void SpoolWorld::finish() {
  faults_.calls_left.reset();
  for (const auto op : {test::FaultFs::Op::sync, test::FaultFs::Op::append, test::FaultFs::Op::truncate})
    faults_.fail(op, EIO, 0);
  crash();
  faults_.calls_left.reset();
  if (!problems_.empty()) return;
  for (auto& [name, reading] : readers_) {
    if (reading.reader == nullptr) continue;
    for (int empty = 0; empty < 20 && reading.at < log_.size() && problems_.empty();) {
      auto span = reading.reader->next(0);
      if (!span) return problem(name + " cannot read the rest: " + span.error().what);
      if (*span) take(reading, name, **span);
      empty += *span ? 0 : 1;
    }
    if (reading.at < log_.size() && !damaged_ && !unpromised_)
      problem(fmt::format("{} gets no more after {} of {}", name, reading.at, log_.size()));
    static_cast<void>(reading.reader->commit(reading.at));
  }
  if (auto done = queue_->sync(); !done) problem("cannot sync at the end: " + done.error().what);
}

}  // namespace acta::model
