#include <algorithm>
#include <charconv>

#include "spool/payload.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr size_t kDigits = 20;
constexpr size_t kSearchBytes = 1u << 20;

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
  std::string bytes(kSegmentHeaderBytes, '\0');
  auto got = (*file)->read_at(0, bytes.data(), bytes.size());
  if (!got) return tl::unexpected(got.error());
  bytes.resize(*got);
  SegmentHeader header;
  const SegmentVerdict verdict = spool::decode(bytes, header);
  if (verdict == SegmentVerdict::newer)
    return fail(Errc::unsupported, path + " was written by a newer version of actabeat: use that version");
  if (verdict == SegmentVerdict::damaged || header.first != first)
    return fail(Errc::corrupt, path + " has no good segment header");
  std::unique_ptr<Cipher> cipher;
  if (header.encrypted) {
    if (master.empty()) return fail(Errc::denied, path + " is encrypted: give the spool's key (queue.disk.encryption)");
    auto made = Cipher::of_segment(master, header.salt, first);
    if (!made) return tl::unexpected(made.error());
    cipher = std::move(*made);
  }
  return std::unique_ptr<SegmentReader>(new SegmentReader(std::move(*file), header, std::move(cipher)));
}

Result<uint64_t> SegmentReader::size() {
  auto stat = file_->stat();
  if (!stat) return tl::unexpected(stat.error());
  return stat->size;
}

Result<std::string> SegmentReader::read_bytes(uint64_t at, size_t size) {
  std::string bytes(size, '\0');
  size_t had = 0;
  while (had < size) {
    auto got = file_->read_at(at + had, bytes.data() + had, size - had);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    had += *got;
  }
  bytes.resize(had);
  return bytes;
}

Result<std::optional<FrameHeader>> SegmentReader::peek(uint64_t at) {
  auto bytes = read_bytes(at, kFrameHeaderBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return decode_frame(*bytes, header_.mark);
}

Result<bool> SegmentReader::read(uint64_t at, Frame& frame) {
  auto header = peek(at);
  if (!header) return tl::unexpected(header.error());
  if (!*header) return false;
  auto length = size();
  if (!length) return tl::unexpected(length.error());
  if (*length < at + kFrameHeaderBytes + (*header)->stored) return false;
  auto bytes = read_bytes(at, kFrameHeaderBytes + (*header)->stored);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() != kFrameHeaderBytes + (*header)->stored || !crc_holds(**header, *bytes)) return false;
  frame.header = **header;
  frame.at = at;
  frame.stored = bytes->erase(0, kFrameHeaderBytes);
  return true;
}

Result<std::optional<uint64_t>> SegmentReader::find(uint64_t from) {
  for (uint64_t at = from;;) {
    auto bytes = read_bytes(at, kSearchBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    for (size_t found = find_frame(*bytes, 0, header_.mark); found != std::string::npos;
         found = find_frame(*bytes, found + 1, header_.mark)) {
      Frame frame;
      auto good = read(at + found, frame);
      if (!good) return tl::unexpected(good.error());
      if (*good) return at + found;
    }
    if (bytes->size() < kSearchBytes) return std::nullopt;
    at += kSearchBytes - kFrameHeaderBytes;
  }
}

bool SegmentReader::decode(Frame& frame, Batch& batch) {
  const FrameHeader& header = frame.header;
  if (((header.flags & kEncrypted) != 0) != (cipher_ != nullptr)) return false;
  if (cipher_ != nullptr && !cipher_->open(header.number, associated_data(header), frame.stored)) return false;
  if ((header.flags & kZstd) == 0) return decode_payload(frame.stored, header.count, batch);
  raw_.resize(header.raw);
  const size_t size = ZSTD_decompress(raw_.data(), raw_.size(), frame.stored.data(), frame.stored.size());
  return ZSTD_isError(size) == 0 && size == header.raw && decode_payload(raw_, header.count, batch);
}

}  // namespace acta::spool
