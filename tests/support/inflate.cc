#include "support/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <stdexcept>

namespace acta::test {
namespace {

constexpr size_t kStep = 1 << 16;

std::string inflate_gzip(const std::string& bytes) {
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::runtime_error("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int done = Z_OK;
  while (done == Z_OK) {
    const size_t had = out.size();
    out.resize(had + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = kStep;
    done = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(had + kStep - stream.avail_out);
  }
  const bool whole = done == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) throw std::runtime_error("damaged gzip");
  return out;
}

std::string inflate_zstd(const std::string& bytes) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
  std::string out;
  size_t left = 1;
  while (left != 0) {
    const size_t had = out.size();
    out.resize(had + kStep);
    ZSTD_outBuffer room{.dst = out.data() + had, .size = kStep, .pos = 0};
    left = ZSTD_decompressStream(context.get(), &room, &in);
    out.resize(had + room.pos);
    if (ZSTD_isError(left) != 0 || (left != 0 && room.pos == 0 && in.pos == in.size))
      throw std::runtime_error("damaged zstd");
  }
  if (in.pos != in.size) throw std::runtime_error("more than one zstd frame");
  return out;
}

}  // namespace

std::string inflate(const std::string& name, const std::string& bytes) {
  if (name.ends_with(".gz")) return inflate_gzip(bytes);
  if (name.ends_with(".zst")) return inflate_zstd(bytes);
  return bytes;
}

}  // namespace acta::test
