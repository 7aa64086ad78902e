// Any bytes as the files of a spool: recovery never fails for what they hold, reading ends and gives no document twice,
// and the sum of an output holds. The input is a list of edits of a good spool of two segments: so that the fuzzer gets
// past the checksums, the last byte may say that they are to be made right.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/log.h"
#include "spool/compact.h"
#include "spool/disk_queue.h"
#include "spool/survey.h"
#include "support/flat_fs.h"

namespace {

constexpr const char* kDirectory = "/spool";

void require(bool condition) {
  if (!condition) std::abort();
}

acta::Batch documents(uint64_t first, size_t count) {
  acta::Batch batch;
  for (uint64_t n = first; n < first + count; ++n)
    batch.add({.timestamp = 1, .id = "id-" + std::to_string(n), .dataset = "d", .key = "k"}, "{\"n\":1}");
  return batch;
}

acta::DiskOptions options() {
  acta::DiskOptions made;
  made.directory = kDirectory;
  made.segment_bytes = 600;
  made.level = 0;
  made.reserve_bytes = 0;
  return made;
}

/// The files of a small good spool.
std::map<std::string, std::string> good_spool() {
  acta::test::FlatFs fs;
  const acta::SystemClock clock;
  auto queue = acta::DiskQueue::open(fs, clock, options());
  require(queue.has_value() && (*queue)->reader("file").has_value());
  for (int i = 0; i < 6; ++i) {
    require((*queue)->append(documents((*queue)->end(), 4)).has_value());
    if (i < 4) require((*queue)->sync().has_value());
  }
  queue->reset();
  return fs.files;
}

/// Makes the checksum of the segment's header, and of each frame that its lengths lead to, fit.
void mend_checksums(std::string& bytes) {
  acta::spool::SegmentHeader header;
  if (bytes.size() < acta::spool::kSegmentHeaderBytes) return;
  header.first = acta::get_le<uint64_t>(bytes, 16);
  header.mark = acta::get_le<uint64_t>(bytes, 24);
  header.synced = acta::get_le<uint64_t>(bytes, 48);
  bytes.replace(0, acta::spool::kSegmentHeaderBytes, encode(header));
  for (size_t at = acta::spool::kSegmentHeaderBytes; at < bytes.size();) {
    const auto frame = acta::spool::decode_frame(std::string_view(bytes).substr(at), header.mark);
    if (!frame || bytes.size() - at < acta::spool::kFrameHeaderBytes + frame->stored) return;
    std::string sealed = bytes.substr(at, acta::spool::kFrameHeaderBytes + frame->stored);
    seal_frame(*frame, sealed);
    bytes.replace(at, sealed.size(), sealed);
    at += sealed.size();
  }
}

/// Applies the edits of the input: {file, what, place, bytes}.
void edit(std::map<std::string, std::string>& files, std::string_view input) {
  while (input.size() >= 6) {
    auto file = files.begin();
    std::advance(file, static_cast<uint8_t>(input[0]) % files.size());
    std::string& bytes = file->second;
    const auto what = static_cast<uint8_t>(input[1]) % 8;
    const size_t at = bytes.empty() ? 0 : acta::get_le<uint16_t>(input, 2) % bytes.size();
    const size_t size = std::min<size_t>(static_cast<uint8_t>(input[4]), input.size() - 5);
    const std::string_view given = input.substr(5, size);
    input.remove_prefix(5 + size);
    if (what == 0) bytes.replace(at, std::min(size, bytes.size() - at), given);
    if (what == 1) bytes.resize(at);
    if (what == 2) bytes.append(given);
    if (what == 3) bytes.insert(at, given);
    if (what == 4) bytes.erase(at, size);
    if (what == 5) mend_checksums(bytes);
    if (what == 6 && files.size() > 1) files.erase(file);
    if (what == 7) files[std::string(kDirectory) + "/" + acta::spool::segment_name(at)] = bytes;
  }
}

/// Reads as one output everything that is there.
void read_all(acta::DiskQueue& queue) {
  auto reader = queue.reader("file");
  require(reader.has_value());
  const acta::Offset begin = (*reader)->committed();
  acta::Offset at = begin;
  uint64_t delivered = 0;
  for (;;) {
    auto span = (*reader)->next(0);
    require(span.has_value());
    if (!*span) break;
    require((*span)->first >= at && (*span)->end() > (*span)->first);
    at = (*span)->end();
    delivered += (*span)->batch->size();
    require((*reader)->commit(at).has_value());
  }
  const acta::Missed missed = (*reader)->missed();
  require(queue.end() - begin == delivered + missed.all() + missed.unused);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto good = good_spool();
  static const bool quiet = [] { return acta::log::setup({.level = acta::log::Level(4)}).has_value(); }();
  static_cast<void>(quiet);
  const acta::SystemClock clock;
  acta::test::FlatFs fs;
  fs.files = good;
  fs.directories.insert(kDirectory);
  edit(fs.files, {reinterpret_cast<const char*>(data), size});
  static_cast<void>(acta::spool::survey(fs, kDirectory, {}, acta::spool::Depth::headers));
  static_cast<void>(acta::spool::survey(fs, kDirectory, {}, acta::spool::Depth::all));
  for (int round = 0; round < 2; ++round) {
    auto queue = acta::DiskQueue::open(fs, clock, options());
    if (!queue) {
      const acta::Errc code = queue.error().code;
      require(code == acta::Errc::unsupported || code == acta::Errc::denied || code == acta::Errc::config);
      return 0;
    }
    read_all(**queue);
    require((*queue)->append(documents((*queue)->end(), 1)).has_value());
    require((*queue)->sync().has_value());
    queue->reset();
    if (round == 0) {
      auto compacted = acta::spool::compact(fs, {.directory = kDirectory, .level = 0, .master = {}}, 1 << 20);
      require(compacted.has_value());
    }
  }
  return 0;
}
