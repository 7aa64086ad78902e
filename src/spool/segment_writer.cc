#include "spool/payload.h"
#include "spool/segment.h"

namespace acta::spool {

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(Fs& fs, const Options& options, uint64_t first,
                                                             uint64_t synced) {
  auto writer = std::unique_ptr<SegmentWriter>(new SegmentWriter);
  writer->level_ = options.level;
  writer->header_ = {.encrypted = !options.master.empty(), .first = first, .mark = 0, .salt = {}, .synced = synced};
  char mark[sizeof(Mark)];
  if (auto random = random_bytes(mark, sizeof mark); !random) return tl::unexpected(random.error());
  std::copy(mark, mark + sizeof mark, reinterpret_cast<char*>(&writer->header_.mark));
  if (writer->header_.encrypted) {
    if (auto random = random_bytes(writer->header_.salt.data(), writer->header_.salt.size()); !random)
      return tl::unexpected(random.error());
    auto cipher = Cipher::of_segment(options.master, writer->header_.salt, first);
    if (!cipher) return tl::unexpected(cipher.error());
    writer->cipher_ = std::move(*cipher);
  }
  const std::string path = options.directory + "/" + segment_name(first);
  auto file = fs.open(path, OpenMode::create_new);
  if (!file) return tl::unexpected(file.error());
  writer->file_ = std::move(*file);
  if (auto written = writer->file_->append(encode(writer->header_)); !written) {
    static_cast<void>(
        fs.remove(path));  // nothing of it is left behind where that can be; recovery takes it away otherwise
    return tl::unexpected(written.error());
  }
  writer->bytes_ = kSegmentHeaderBytes;
  return writer;
}

Result<std::string> SegmentWriter::frame(const Batch& batch, uint64_t first, uint64_t synced) {
  raw_.clear();
  encode_payload(batch, raw_);
  if (raw_.size() > kPayloadBytesMax) return fail(Errc::unsupported, "a batch of more than 1 GiB cannot be spooled");
  FrameHeader header{.stored = 0,
                     .mark = header_.mark,
                     .first = first,
                     .count = static_cast<uint32_t>(batch.size()),
                     .flags = cipher_ != nullptr ? kEncrypted : 0u,
                     .synced = synced,
                     .raw = static_cast<uint32_t>(raw_.size()),
                     .number = frames_};
  if (level_ > 0) {
    header.flags |= kZstd;
    stored_.resize(ZSTD_compressBound(raw_.size()));
    const size_t size =
        ZSTD_compressCCtx(zstd_.get(), stored_.data(), stored_.size(), raw_.data(), raw_.size(), level_);
    if (ZSTD_isError(size) != 0) return fail(Errc::unsupported, std::string("zstd: ") + ZSTD_getErrorName(size));
    stored_.resize(size);
  } else {
    stored_ = raw_;
  }
  header.stored = static_cast<uint32_t>(stored_.size() + (cipher_ != nullptr ? Cipher::kTagBytes : 0));
  if (cipher_ != nullptr) {
    if (auto sealed = cipher_->seal(frames_, associated_data(header), stored_); !sealed)
      return tl::unexpected(sealed.error());
  }
  ++frames_;  // also when the frame is then not written: a nonce is used once
  std::string bytes;
  bytes.reserve(kFrameHeaderBytes + stored_.size());
  append_frame(header, stored_, bytes);
  return bytes;
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
