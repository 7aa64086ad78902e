#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "spool/payload.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr size_t kDigits = 20;
constexpr size_t kSearchBytes = 1u << 20;
constexpr size_t kMarkAt = 8;  // in a frame

}  // namespace

std::string segment_name(uint64_t first) {
  std::string digits = std::to_string(first);
  return std::string(kDigits - digits.size(), '0') + digits + std::string(kSuffix);
}

std::optional<uint64_t> segment_offset(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  uint64_t first = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, first);
  if (error != std::errc{} || end != name.data() + kDigits) return std::nullopt;
  return first;
}

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(Fs& fs, const std::string& path, uint64_t first,
                                                           std::string_view master) {
  auto file = fs.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  auto reader = std::unique_ptr<SegmentReader>(new SegmentReader(std::move(*file)));
  std::string bytes;
  if (auto got = reader->read_bytes(0, kSegmentHeaderBytes, bytes); !got) return tl::unexpected(got.error());
  SegmentHeader& header = reader->header_;
  const SegmentVerdict verdict = spool::decode(bytes, header);
  if (verdict == SegmentVerdict::newer)
    return fail(Errc::unsupported, path + " was written by a newer version of actabeat: use that version");
  auto good = verdict == SegmentVerdict::good ? Result<bool>(header.first == first) : reader->rescue_header(first);
  if (!good) return tl::unexpected(good.error());
  if (!*good) return fail(Errc::corrupt, path + " has no good segment header");
  if (!header.encrypted) return reader;
  if (master.empty()) return fail(Errc::denied, path + " is encrypted: give its key (queue.disk.encryption)");
  auto cipher = Cipher::of_segment(master, header.salt, first);
  if (!cipher) return tl::unexpected(cipher.error());
  if ((*cipher)->key_check() != header.key_check) {
    return fail(Errc::denied, path + " was encrypted with another key: give that one (queue.disk.encryption)");
  }
  reader->cipher_ = std::move(*cipher);
  return reader;
}

// A damaged header costs no document: the first frame, which begins right after it, says the mark as well. Without the
// salt an encrypted segment is not to be saved.
Result<bool> SegmentReader::rescue_header(uint64_t first) {
  if (auto got = read_bytes(kSegmentHeaderBytes, kFrameHeaderBytes, head_); !got) return tl::unexpected(got.error());
  if (head_.size() != kFrameHeaderBytes) return false;
  header_ = {.first = first, .mark = get_le<Mark>(head_, kMarkAt)};
  Frame frame;
  auto good = read(kSegmentHeaderBytes, frame);
  if (!good || !*good) return good;
  return frame.header.first == first && frame.header.number == 0 && (frame.header.flags & kEncrypted) == 0;
}

Result<uint64_t> SegmentReader::size() {
  auto stat = file_->stat();
  if (!stat) return tl::unexpected(stat.error());
  return stat->size;
}

Result<> SegmentReader::read_bytes(uint64_t at, size_t size, std::string& into) {
  into.resize(size);
  size_t had = 0;
  while (had < size) {
    auto got = file_->read_at(at + had, into.data() + had, size - had);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    had += *got;
  }
  into.resize(had);
  return {};
}

Result<std::optional<FrameHeader>> SegmentReader::peek(uint64_t at) {
  if (auto got = read_bytes(at, kFrameHeaderBytes, head_); !got) return tl::unexpected(got.error());
  auto header = decode_frame(head_, header_.mark);
  if (header && header->first < header_.first) header.reset();  // FORMAT.md: no frame of this segment
  return header;
}

Result<bool> SegmentReader::read(uint64_t at, Frame& frame) {
  auto header = peek(at);
  if (!header) return tl::unexpected(header.error());
  if (!*header) return false;
  const size_t size = kFrameHeaderBytes + (*header)->stored;
  auto length = this->size();
  if (!length) return tl::unexpected(length.error());
  if (*length < at + size) return false;
  if (auto got = read_bytes(at, size, frame.bytes); !got) return tl::unexpected(got.error());
  if (frame.bytes.size() != size || !crc_holds(**header, frame.bytes)) return false;
  frame.header = **header;
  frame.at = at;
  return true;
}

Result<std::optional<uint64_t>> SegmentReader::find(uint64_t from) {
  std::string bytes;
  for (uint64_t at = from;;) {
    if (auto got = read_bytes(at, kSearchBytes, bytes); !got) return tl::unexpected(got.error());
    for (size_t found = find_frame(bytes, 0, header_.mark); found != std::string::npos;
         found = find_frame(bytes, found + 1, header_.mark)) {
      Frame frame;
      auto good = read(at + found, frame);
      if (!good) return tl::unexpected(good.error());
      if (*good) return at + found;
    }
    if (bytes.size() < kSearchBytes) return std::nullopt;
    at += kSearchBytes - kFrameHeaderBytes;
  }
}

bool SegmentReader::decode(Frame& frame, Batch& batch) {
  const FrameHeader& header = frame.header;
  if (((header.flags & kEncrypted) != 0) != (cipher_ != nullptr)) return false;
  if (cipher_ != nullptr && !cipher_->open(header.number, associated_data(header), frame.bytes, kFrameHeaderBytes))
    return false;
  const std::string_view payload = std::string_view(frame.bytes).substr(kFrameHeaderBytes);
  if ((header.flags & kZstd) == 0) return decode_payload(payload, header.count, batch);
  // What zstd says of its size before memory is taken for it.
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != header.raw) return false;
  raw_.resize(header.raw);
  const size_t size = ZSTD_decompressDCtx(zstd_.get(), raw_.data(), raw_.size(), payload.data(), payload.size());
  return ZSTD_isError(size) == 0 && size == header.raw && decode_payload(raw_, header.count, batch);
}

}  // namespace acta::spool
