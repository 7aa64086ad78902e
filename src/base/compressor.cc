#include "base/compressor.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <vector>

#include "base/check.h"

namespace acta {
namespace {

constexpr size_t kStep = 65'536;  // bytes of room for each call of a library

class Gzip final : public Compressor {
 public:
  Gzip() : level_buffer_(ISAL_DEF_LVL1_DEFAULT) {
    isal_deflate_init(&stream_);
    stream_.gzip_flag = IGZIP_GZIP;
    stream_.level = 1;
    stream_.level_buf = level_buffer_.data();
    stream_.level_buf_size = static_cast<uint32_t>(level_buffer_.size());
  }

  Result<> add(std::string_view bytes, bool last, std::string& out) override {
    CHECK(bytes.size() <= UINT32_MAX);
    // The library reads from next_in and never writes to it, its type notwithstanding.
    stream_.next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(bytes.data()));
    stream_.avail_in = static_cast<uint32_t>(bytes.size());
    stream_.end_of_stream = last ? 1 : 0;
    do {
      const size_t had = out.size();
      out.resize(had + kStep);
      stream_.next_out = reinterpret_cast<uint8_t*>(out.data() + had);
      stream_.avail_out = kStep;
      const int done = isal_deflate(&stream_);
      out.resize(had + kStep - stream_.avail_out);
      if (done != COMP_OK) return fail(Errc::io, "gzip fails with code " + std::to_string(done));
    } while (stream_.avail_out == 0);
    return {};
  }

 private:
  isal_zstream stream_{};
  std::vector<uint8_t> level_buffer_;
};

class Zstd final : public Compressor {
 public:
  Zstd() : context_(ZSTD_createCCtx()) {
    CHECK(context_ != nullptr);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() override { ZSTD_freeCCtx(context_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<> add(std::string_view bytes, bool last, std::string& out) override {
    ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
    for (;;) {
      const size_t had = out.size();
      out.resize(had + kStep);
      ZSTD_outBuffer room{.dst = out.data() + had, .size = kStep, .pos = 0};
      const size_t left = ZSTD_compressStream2(context_, &room, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      out.resize(had + room.pos);
      if (ZSTD_isError(left) != 0) return fail(Errc::io, std::string("zstd fails: ") + ZSTD_getErrorName(left));
      if (in.pos == in.size && (last ? left == 0 : room.pos < kStep)) return {};
    }
  }

 private:
  ZSTD_CCtx* context_;
};

}  // namespace

std::unique_ptr<Compressor> Compressor::make(Compression kind) {
  CHECK(kind != Compression::none);
  if (kind == Compression::gzip) return std::make_unique<Gzip>();
  return std::make_unique<Zstd>();
}

}  // namespace acta
