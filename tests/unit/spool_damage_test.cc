// What can happen to a spool's files, one test each: what is lost, and counted, and what is delivered. Real files.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/bytes.h"
#include "spool/disk_queue.h"
#include "spool/listing.h"
#include "support/spool_documents.h"
#include "support/tampered_frames.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

namespace fs = std::filesystem;
using spool::kFrameHeaderBytes;
using spool::kSegmentHeaderBytes;

constexpr size_t kCount = 10;  // documents of a frame; two frames make a segment

/// What an output got of a spool after something happened to it.
struct Outcome {
  std::set<Offset> delivered;
  Offset end = 0;
  Missed missed;      // by this output
  uint64_t lost = 0;  // by the queue's count
  uint64_t cut_bytes = 0;
  size_t set_aside = 0;
};

std::set<Offset> offsets(Offset from, Offset to) {
  std::set<Offset> all;
  for (; from < to; ++from) all.insert(from);
  return all;
}
std::set<Offset> without(std::set<Offset> all, Offset from, Offset to) {
  std::erase_if(all, [&](Offset at) { return at >= from && at < to; });
  return all;
}

class SpoolDamage : public testing::Test {
 protected:
  DiskOptions options() const {
    DiskOptions made;
    made.directory = dir_.path() + "/spool";
    made.segment_bytes = 4096;
    made.reserve_bytes = 0;
    made.level = 0;
    made.key = key_;
    return made;
  }

  /// A spool of `frames` frames, all synced but the last `unsynced`; the output "file" has committed nothing.
  void make(size_t frames, size_t unsynced = 0) {
    auto queue = DiskQueue::open(fs_, clock_, options());
    ASSERT_TRUE(queue) << queue.error().what;
    ASSERT_TRUE((*queue)->reader("file"));
    for (size_t i = 0; i < frames; ++i) {
      ASSERT_TRUE((*queue)->append(test::numbered((*queue)->end(), kCount)));
      if (i + unsynced < frames) {
        ASSERT_TRUE((*queue)->sync());
      }
    }
  }

  std::string path(const std::string& name) const { return options().directory + "/" + name; }
  std::string segment(Offset first) const { return path(spool::segment_name(first)); }
  static std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void put(const std::string& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  static void flip(const std::string& path, size_t at) {
    std::string bytes = slurp(path);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    put(path, bytes);
  }
  /// Where the n-th frame of a segment begins.
  static size_t frame_at(const std::string& path, size_t n) {
    const std::string bytes = slurp(path);
    size_t at = kSegmentHeaderBytes;
    for (; n > 0; --n) at += kFrameHeaderBytes + get_le<uint32_t>(bytes, at + 4);
    return at;
  }

  /// Opens the spool, reads all of it, and checks that the sum holds and that every document is the one of its offset.
  Outcome outcome(const std::string& output = "file") {
    Outcome found;
    auto queue = DiskQueue::open(fs_, clock_, options());
    EXPECT_TRUE(queue) << (queue ? "" : queue.error().what);
    if (!queue) return found;
    auto reader = (*queue)->reader(output);
    EXPECT_TRUE(reader);
    const Offset begin = (*reader)->committed();
    for (Offset at = begin;;) {
      auto span = (*reader)->next(0);
      EXPECT_TRUE(span) << (span ? "" : span.error().what);
      if (!span || !*span) break;
      EXPECT_GE((*span)->first, at);
      for (size_t i = 0; i < (*span)->batch->size(); ++i) {
        EXPECT_EQ((*(*span)->batch)[i].meta.id, "id-" + std::to_string((*span)->first + i));
        found.delivered.insert((*span)->first + i);
      }
      at = (*span)->end();
      EXPECT_TRUE((*reader)->commit(at));
    }
    found.end = (*queue)->end();
    found.missed = (*reader)->missed();
    found.lost = (*queue)->counts().lost;
    found.cut_bytes = (*queue)->recovered().cut_bytes;
    if (fs::exists(path("damaged")))
      found.set_aside = static_cast<size_t>(std::distance(fs::directory_iterator(path("damaged")), {}));
    EXPECT_EQ(found.end - begin, found.delivered.size() + found.missed.all() + found.missed.unused);
    EXPECT_EQ((*reader)->committed(), found.end);
    // The log goes on, and what comes is delivered.
    EXPECT_TRUE((*queue)->append(test::numbered(found.end, 1)));
    EXPECT_TRUE((*queue)->sync());
    auto span = (*reader)->next(0);
    EXPECT_TRUE(span && *span && (*span)->first == found.end);
    return found;
  }

  test::TempDir dir_{fs::is_directory("/dev/shm") ? "/dev/shm" : ""};  // in memory: an fdatasync costs nothing
  PosixFs fs_;
  SystemClock clock_;
  std::string key_;
};

TEST_F(SpoolDamage, TornTailAtEveryByte) {
  make(3, 1);  // the last frame was never promised
  const std::string whole = slurp(segment(20));
  fs::copy(options().directory, dir_ / "copy", fs::copy_options::recursive);
  for (size_t size = kSegmentHeaderBytes; size < whole.size(); ++size) {
    put(segment(20), std::string_view(whole).substr(0, size));
    const Outcome found = outcome();
    ASSERT_EQ(found.delivered, offsets(0, 20)) << size;
    ASSERT_EQ(found.end, 20u);
    ASSERT_EQ(found.lost, 0u);
    ASSERT_EQ(found.cut_bytes, size - kSegmentHeaderBytes);
    fs::remove_all(options().directory);
    fs::copy(dir_ / "copy", options().directory, fs::copy_options::recursive);
  }
}

TEST_F(SpoolDamage, ZeroFilledTail) {
  make(3);
  std::string bytes = slurp(segment(20));
  put(segment(20), bytes + std::string(5000, '\0'));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 30));
  EXPECT_EQ(found.lost, 0u);
  EXPECT_EQ(found.cut_bytes, 5000u);
}

TEST_F(SpoolDamage, FlippedBitInAnyPlaceOfAFrame) {
  struct Case {
    const char* what;
    size_t at;
  };
  for (const Case& place : {Case{"magic", 0},
                            {"length", 4},
                            {"mark", 8},
                            {"offset", 16},
                            {"count", 24},
                            {"flags", 28},
                            {"synced", 32},
                            {"raw length", 40},
                            {"number", 44},
                            {"spare", 50},
                            {"crc", 60},
                            {"payload", 200}}) {
    SCOPED_TRACE(place.what);
    fs::remove_all(options().directory);
    make(6);
    flip(segment(20), frame_at(segment(20), 0) + place.at);
    const Outcome found = outcome();
    EXPECT_EQ(found.delivered, without(offsets(0, 60), 20, 30));
    EXPECT_EQ(found.lost, 10u);
    EXPECT_EQ(found.missed.damaged, 10u);
    EXPECT_EQ(found.set_aside, 1u) << "a copy of the segment";
  }
}

TEST_F(SpoolDamage, FlippedBitInASegmentsHeaderLosesNothing) {
  for (size_t at : {0u, 9u, 12u, 16u, 24u, 48u, 60u}) {
    SCOPED_TRACE(at);
    fs::remove_all(options().directory);
    make(6);
    flip(segment(20), at);
    const Outcome found = outcome();
    EXPECT_EQ(found.delivered, offsets(0, 60));
    EXPECT_EQ(found.lost, 0u);
  }
}

TEST_F(SpoolDamage, DamageInTheMiddleOfTheLastSegment) {
  make(6);
  flip(segment(40), frame_at(segment(40), 0) + 100);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 60), 40, 50));
  EXPECT_EQ(found.lost, 10u);
  EXPECT_EQ(found.missed.damaged, 10u);
  EXPECT_EQ(found.cut_bytes, 0u);
}

TEST_F(SpoolDamage, DamageInTheNewestFrameIsToldFromATornTail) {
  make(6);
  flip(segment(40), frame_at(segment(40), 1) + 100);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 50));
  EXPECT_EQ(found.lost, 10u) << "the file `synced` vouches for it";
  EXPECT_EQ(found.end, 60u);
  EXPECT_EQ(found.set_aside, 1u);
}

TEST_F(SpoolDamage, DamageIsCountedOnceAndByEachOutput) {
  make(6);
  { ASSERT_TRUE((*DiskQueue::open(fs_, clock_, options()))->reader("other")); }
  flip(segment(20), frame_at(segment(20), 1) + 100);
  auto queue = *DiskQueue::open(fs_, clock_, options());
  for (const char* name : {"file", "other"}) {
    auto reader = *queue->reader(name);
    for (auto span = reader->next(0); span && *span;) span = reader->next(0);
    EXPECT_EQ(reader->missed().damaged, 10u);
  }
  EXPECT_EQ(queue->counts().lost, 10u);
}

TEST_F(SpoolDamage, MissingSegment) {
  make(6);
  fs::remove(segment(20));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 60), 20, 40));
  EXPECT_EQ(found.lost, 20u);
  EXPECT_EQ(found.missed.damaged, 20u);
}

TEST_F(SpoolDamage, MissingFirstSegment) {
  make(6);
  fs::remove(segment(0));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(20, 60));
  EXPECT_EQ(found.missed.damaged, 20u);
}

TEST_F(SpoolDamage, MissingLastSegment) {
  make(6);
  fs::remove(segment(40));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 40));
  EXPECT_EQ(found.missed.damaged, 20u) << "the file `synced` says that they were there";
}

TEST_F(SpoolDamage, NoSegmentLeft) {
  make(6);
  for (const Offset first : {0u, 20u, 40u}) fs::remove(segment(first));
  const Outcome found = outcome();
  EXPECT_TRUE(found.delivered.empty());
  EXPECT_EQ(found.end, 60u) << "an offset is never used twice";
  EXPECT_EQ(found.missed.damaged, 60u);
}

TEST_F(SpoolDamage, ForeignFilesAreLeftAlone) {
  make(3);
  put(path("notes.txt"), "of somebody else");
  put(path("123.seg"), "not a segment's name");
  fs::create_directory(path("lost+found"));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 30));
  EXPECT_EQ(slurp(path("notes.txt")), "of somebody else");
  EXPECT_EQ(found.set_aside, 0u);
}

TEST_F(SpoolDamage, EmptySegment) {
  make(6);
  put(segment(60), "");
  put(segment(30), "");
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 60));
  EXPECT_EQ(found.lost, 0u);
  EXPECT_EQ(found.set_aside, 2u);
}

TEST_F(SpoolDamage, TruncatedHeader) {
  for (const size_t size : {1u, 63u}) {
    fs::remove_all(options().directory);
    make(6);
    put(segment(60), slurp(segment(0)).substr(0, size));
    const Outcome found = outcome();
    EXPECT_EQ(found.lost, 0u);
  }
}

TEST_F(SpoolDamage, DuplicatedSegment) {
  make(6);
  fs::copy(segment(20), segment(77));
  fs::copy(segment(20), segment(30));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 60)) << "each document once";
  EXPECT_EQ(found.lost, 0u);
  EXPECT_EQ(found.set_aside, 2u) << "their headers do not fit their names";
}

TEST_F(SpoolDamage, RenamedSegments) {
  make(6);
  fs::rename(segment(0), path("x"));
  fs::rename(segment(20), segment(0));
  fs::rename(path("x"), segment(20));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(40, 60)) << "not one document is given under another's offset";
  EXPECT_EQ(found.missed.damaged, 40u);
  EXPECT_EQ(found.set_aside, 2u);
}

TEST_F(SpoolDamage, FrameOfAnotherSegment) {
  make(6);
  const std::string other = slurp(segment(0));
  std::string bytes = slurp(segment(20));
  const size_t at = frame_at(segment(20), 1), size = bytes.size() - at;
  bytes.replace(at, size, other.substr(frame_at(segment(0), 0), size));
  put(segment(20), bytes);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 60), 30, 40));
  EXPECT_EQ(found.lost, 10u);
}

TEST_F(SpoolDamage, FrameOfTheSameSegmentTwice) {
  make(5);
  std::string bytes = slurp(segment(40));
  put(segment(40), bytes + bytes.substr(kSegmentHeaderBytes));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 50)) << "each document once";
  EXPECT_EQ(found.lost, 0u);
}

TEST_F(SpoolDamage, FramesBelowTheirSegmentDoNotStopTheLog) {
  make(4);
  const auto below = [](spool::FrameHeader& frame) {
    frame.first -= 20;
    frame.synced = 0;
  };
  const auto unsynced = [](spool::SegmentHeader& header) { header.synced = 0; };
  const std::string bytes = slurp(segment(20));
  const size_t begins[] = {0, frame_at(segment(20), 0), frame_at(segment(20), 1), bytes.size()};
  std::string changed;
  for (size_t i = 0; i < 3; ++i)
    changed += test::change_headers(bytes.substr(begins[i], begins[i + 1] - begins[i]), unsynced, below);
  put(segment(20), changed);
  fs::remove(path("synced"));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 20));
  EXPECT_EQ(found.end, 20u) << "the next segment has the name of the one that was cut off";
}

TEST_F(SpoolDamage, FrameBeyondTheEndOfTheLogTakesNoPlaceOfNewDocuments) {
  make(3, 1);  // the last frame was never promised
  const std::string bytes = slurp(segment(0));
  const size_t second = frame_at(segment(0), 1);
  const auto beyond = [](spool::FrameHeader& frame) { frame.first = 15; };
  put(segment(0), bytes.substr(0, second) + test::change_headers(
                                                bytes.substr(second), [](spool::SegmentHeader&) {}, beyond));
  put(segment(20), slurp(segment(20)).substr(0, kSegmentHeaderBytes));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 10));
  EXPECT_EQ(found.end, 20u);
  EXPECT_EQ(found.lost, 10u);
}

TEST_F(SpoolDamage, ForgedFrameInsideAPayload) {
  // A user who saw another segment puts a whole frame into an argument; the true frame before it is damaged.
  make(2);
  const std::string forged = slurp(segment(0)).substr(kSegmentHeaderBytes);
  {
    auto queue = *DiskQueue::open(fs_, clock_, options());
    Batch batch;
    for (size_t i = 0; i < kCount; ++i)
      batch.add({.timestamp = 1, .id = "id-" + std::to_string(20 + i), .dataset = "d", .key = "k"}, forged);
    ASSERT_TRUE(queue->append(std::move(batch)));
    ASSERT_TRUE(queue->append(test::numbered(30, kCount)));
    ASSERT_TRUE(queue->sync());
  }
  flip(segment(20), kSegmentHeaderBytes + 4);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 40), 20, 30)) << "what is in the payload is not delivered";
  EXPECT_EQ(found.lost, 10u);
}

TEST_F(SpoolDamage, UnsyncedHoleIsNoDamage) {
  make(6, 2);  // a host crash kept the last frame and lost the one before it
  std::string bytes = slurp(segment(40));
  const size_t at = frame_at(segment(40), 0), next = frame_at(segment(40), 1);
  put(segment(40), bytes.replace(at, next - at, std::string(next - at, '\0')));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 40)) << "inputs send the rest again";
  EXPECT_EQ(found.lost, 0u);
  EXPECT_EQ(found.set_aside, 0u);
  EXPECT_GT(found.cut_bytes, 0u);
}

TEST_F(SpoolDamage, UnsyncedHoleInAnOlderSegmentIsNoDamage) {
  make(6, 4);
  std::string bytes = slurp(segment(20));
  const size_t at = frame_at(segment(20), 1);
  put(segment(20), bytes.substr(0, at));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 30));
  EXPECT_EQ(found.end, 30u);
  EXPECT_EQ(found.lost, 0u);
}

class ReaderFileDamage : public SpoolDamage {
 protected:
  void reader_file(const std::string& content) { put(path("file.reader"), content); }
  void committed(Offset upto) { ASSERT_TRUE(spool::write_reader_file(fs_, options().directory, {"file", upto})); }
};

TEST_F(ReaderFileDamage, AheadOfTheLog) {
  make(3);
  committed(100);
  const Outcome found = outcome();
  EXPECT_TRUE(found.delivered.empty());
  EXPECT_EQ(found.end, 100u) << "an offset is never used twice";
  EXPECT_EQ(found.lost, 0u);
}

TEST_F(ReaderFileDamage, AnotherOneAheadOfTheLogCostsThisOneNothing) {
  make(3);
  ASSERT_TRUE(spool::write_reader_file(fs_, options().directory, {"ahead", 100}));
  fs::copy(options().directory, dir_ / "copy", fs::copy_options::recursive);
  Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 30));
  EXPECT_EQ(found.missed.unused, 70u);
  EXPECT_EQ(found.lost, 0u);
  // And so it is after the next restart, when a segment begins at 100.
  fs::remove_all(options().directory);
  fs::copy(dir_ / "copy", options().directory, fs::copy_options::recursive);
  {
    auto queue = *DiskQueue::open(fs_, clock_, options());
    ASSERT_TRUE(queue->append(test::numbered(100, 1)));
    ASSERT_TRUE(queue->sync());
  }
  found = outcome();
  EXPECT_EQ(found.delivered.size(), 31u);
  EXPECT_EQ(found.missed.unused, 70u);
  EXPECT_EQ(found.lost, 0u);
}

TEST_F(ReaderFileDamage, BehindTheLog) {
  make(6);
  committed(5);
  fs::remove(segment(0));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(20, 60));
  EXPECT_EQ(found.missed.damaged, 15u);
}

TEST_F(ReaderFileDamage, GarbageEmptyOrOfAnotherOutput) {
  for (const char* content : {"", "garbage", "{\"version\":1}", "[1]",
                              "{\"version\":1,\"name\":\"file\",\"committed\":5,"
                              "\"crc\":\"00000000\"}\n"}) {
    SCOPED_TRACE(content);
    fs::remove_all(options().directory);
    make(3);
    reader_file(content);
    const Outcome found = outcome();
    EXPECT_EQ(found.delivered, offsets(0, 30)) << "redelivery is harmless, a hole is not";
    EXPECT_EQ(found.set_aside, 1u);
  }
  fs::remove_all(options().directory);
  make(3);
  ASSERT_TRUE(spool::write_reader_file(fs_, options().directory, {"other", 20}));
  fs::rename(path("other.reader"), path("file.reader"));
  EXPECT_EQ(outcome().delivered, offsets(0, 30));
}

TEST_F(ReaderFileDamage, OfANewerVersion) {
  make(3);
  reader_file(R"({"version":2,"name":"file","committed":5,"crc":"00000000"})");
  auto queue = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, Errc::unsupported);
  EXPECT_EQ(slurp(path("file.reader")).substr(0, 12), R"({"version":2)") << "nothing is overwritten";
}

class EncryptedSpoolDamage : public SpoolDamage {
 protected:
  void SetUp() override { key_ = std::string(32, 'k'); }
};

TEST_F(EncryptedSpoolDamage, TamperedCiphertext) {
  make(6);
  // Whoever tampers can make the CRC fit.
  std::string bytes = slurp(segment(20));
  const size_t at = frame_at(segment(20), 0), next = frame_at(segment(20), 1);
  bytes[at + 200] = static_cast<char>(bytes[at + 200] ^ 1);
  std::string frame = bytes.substr(at, next - at);
  spool::seal_frame(*spool::decode_frame(frame, get_le<uint64_t>(frame, 8)), frame);
  put(segment(20), bytes.replace(at, next - at, frame));
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 60), 20, 30));
  EXPECT_EQ(found.missed.damaged, 10u);
}

TEST_F(EncryptedSpoolDamage, WrongKey) {
  make(3);
  const std::string before = slurp(segment(0));
  key_ = std::string(32, 'x');
  auto queue = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, Errc::denied);
  EXPECT_NE(queue.error().what.find("another key"), std::string::npos);
  EXPECT_EQ(slurp(segment(0)), before);
  key_ = std::string(32, 'k');
  EXPECT_EQ(outcome().delivered, offsets(0, 30));
}

TEST_F(EncryptedSpoolDamage, KeyMissing) {
  make(3);
  key_.clear();
  auto queue = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, Errc::denied);
  key_ = std::string(32, 'k');
  EXPECT_EQ(outcome().delivered, offsets(0, 30));
}

TEST_F(EncryptedSpoolDamage, FrameMovedWithinItsSegment) {
  make(6);
  std::string bytes = slurp(segment(20));
  const size_t at = frame_at(segment(20), 0), next = frame_at(segment(20), 1);
  ASSERT_EQ(next - at, bytes.size() - next);
  bytes.replace(next, bytes.size() - next, bytes.substr(at, next - at));
  put(segment(20), bytes);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, without(offsets(0, 60), 30, 40));
  EXPECT_EQ(found.missed.damaged, 10u);
}

/// The segment with another version in its header, whose CRC is right.
std::string of_version(char version, std::string segment) {
  segment[8] = version;
  std::string crc;
  put_le(crc, static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(segment.data()), 60)));
  return segment.replace(60, 4, crc);
}

TEST_F(SpoolDamage, ASegmentOfVersion1IsRead) {
  make(3);  // without routes, a document is written as version 1 had it
  size_t segments = 0;
  for (const auto& file : fs::directory_iterator(options().directory)) {
    if (file.path().extension() != ".seg") continue;
    put(file.path(), of_version(1, slurp(file.path())));
    ++segments;
  }
  EXPECT_GT(segments, 0u);
  const Outcome found = outcome();
  EXPECT_EQ(found.delivered, offsets(0, 30));
  EXPECT_EQ(found.lost, 0u);
}

TEST_F(SpoolDamage, ASegmentOfANewerVersionIsRefusedAndNothingTouched) {
  make(3);
  const std::string bytes = of_version(3, slurp(segment(20)));
  put(segment(20), bytes);
  auto queue = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, Errc::unsupported);
  EXPECT_EQ(slurp(segment(20)), bytes);
}

TEST_F(SpoolDamage, ADirectoryOfSomethingElseIsNotTakenOver) {
  fs::create_directories(options().directory);
  put(path("syslog"), "important");
  auto queue = DiskQueue::open(fs_, clock_, options());
  ASSERT_FALSE(queue);
  EXPECT_EQ(queue.error().code, Errc::config);
  EXPECT_NE(queue.error().what.find("syslog"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(options().directory), {}), 1);
}

TEST_F(SpoolDamage, SegmentsThatVanishBetweenRecoveryAndReadingAreCounted) {
  make(6);
  auto queue = *DiskQueue::open(fs_, clock_, options());
  auto reader = *queue->reader("file");
  for (const Offset first : {0u, 20u, 40u}) fs::remove(segment(first));
  auto span = reader->next(0);
  ASSERT_TRUE(span) << span.error().what;
  EXPECT_FALSE(*span);
  EXPECT_EQ(reader->missed().damaged, 60u);
  EXPECT_EQ(queue->counts().lost, 60u);
}

TEST_F(SpoolDamage, ASegmentRemovedWhileItIsWrittenIsNotCalledSafe) {
  auto queue = *DiskQueue::open(fs_, clock_, options());
  ASSERT_TRUE(queue->append(test::numbered(0, kCount)));
  fs::remove(segment(0));
  auto synced = queue->sync();
  ASSERT_FALSE(synced);
  EXPECT_NE(synced.error().what.find("removed by somebody"), std::string::npos);
  EXPECT_EQ(queue->safe(), 0u);
}

}  // namespace
}  // namespace acta
