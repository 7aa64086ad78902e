#include "spool/payload.h"
#include "spool/segment.h"

namespace acta::spool {

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(Fs& fs, const Options& options, uint64_t first,
                                                             uint64_t synced, bool after_gap) {
  auto writer = std::unique_ptr<SegmentWriter>(new SegmentWriter);
  writer->level_ = options.level;
  SegmentHeader& header = writer->header_;
  header = {.encrypted = !options.master.empty(), .after_gap = after_gap, .first = first, .synced = synced};
  if (auto random = random_bytes(reinterpret_cast<char*>(&header.mark), sizeof header.mark); !random)
    return tl::unexpected(random.error());
  if (header.encrypted) {
    if (auto random = random_bytes(header.salt.data(), header.salt.size()); !random)
      return tl::unexpected(random.error());
    auto cipher = Cipher::of_segment(options.master, header.salt, first);
    if (!cipher) return tl::unexpected(cipher.error());
    writer->cipher_ = std::move(*cipher);
    header.key_check = writer->cipher_->key_check();
  }
  const std::string path = options.directory + "/" + segment_name(first) + options.suffix;
  auto file = fs.open(path, OpenMode::create_new);
  if (!file) return tl::unexpected(file.error());
  writer->file_ = std::move(*file);
  if (auto written = writer->file_->append(encode(header)); !written) {
    static_cast<void>(fs.remove(path));  // if that fails too, the next attempt does it
    return tl::unexpected(written.error());
  }
  writer->bytes_ = kSegmentHeaderBytes;
  return writer;
}

// Puts the payload, which is in raw_, behind the place of the header in frame_, as it is stored.
Result<> SegmentWriter::pack(FrameHeader& header) {
  if (level_ > 0) {
    header.flags |= kZstd;
    frame_.resize(kFrameHeaderBytes + ZSTD_compressBound(raw_.size()));
    const size_t size = ZSTD_compressCCtx(zstd_.get(), frame_.data() + kFrameHeaderBytes,
                                          frame_.size() - kFrameHeaderBytes, raw_.data(), raw_.size(), level_);
    if (ZSTD_isError(size) != 0) return fail(Errc::unsupported, std::string("zstd: ") + ZSTD_getErrorName(size));
    frame_.resize(kFrameHeaderBytes + size);
  } else {
    frame_.resize(kFrameHeaderBytes);
    frame_.append(raw_);
  }
  header.stored = static_cast<uint32_t>(frame_.size() - kFrameHeaderBytes);
  if (cipher_ == nullptr) return {};
  header.flags |= kEncrypted;
  header.stored += static_cast<uint32_t>(Cipher::kTagBytes);
  return cipher_->seal(header.number, associated_data(header), frame_, kFrameHeaderBytes);
}

Result<std::string_view> SegmentWriter::frame(const Batch& batch, uint64_t first, uint64_t synced) {
  raw_.clear();
  encode_payload(batch, raw_);
  if (raw_.size() > kPayloadBytesMax) return fail(Errc::unsupported, "a batch of more than 1 GiB cannot be spooled");
  FrameHeader header{.stored = 0,
                     .mark = header_.mark,
                     .first = first,
                     .count = static_cast<uint32_t>(batch.size()),
                     .flags = 0,
                     .synced = synced,
                     .raw = static_cast<uint32_t>(raw_.size()),
                     .number = frames_};
  ++frames_;  // also when the frame is then not written: a nonce is used once
  if (auto packed = pack(header); !packed) return tl::unexpected(packed.error());
  seal_frame(header, frame_);
  return frame_;
}

Result<> SegmentWriter::append(std::string_view frame) {
  auto written = file_->append(frame);
  if (written) {
    bytes_ += frame.size();
    return {};
  }
  broken_ = !file_->truncate(bytes_);
  return written;
}

}  // namespace acta::spool
