#include "base/decompressor.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "base/check.h"

namespace acta {
namespace {

constexpr size_t kStep = 65'536;  // bytes of room for each call of a library

class Gzip final : public Decompressor {
 public:
  Gzip() { begin(); }

  Result<> add(std::string_view bytes, std::string& out) override {
    CHECK(bytes.size() <= UINT32_MAX);
    // The library reads from next_in and never writes to it, its type notwithstanding.
    state_.next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(bytes.data()));
    state_.avail_in = static_cast<uint32_t>(bytes.size());
    bool room_used_up = false;
    while (state_.avail_in > 0 || room_used_up) {
      if (state_.block_state == ISAL_BLOCK_FINISH) {
        uint8_t* const next = state_.next_in;
        const uint32_t left = state_.avail_in;
        if (left == 0) break;
        begin();
        state_.next_in = next;
        state_.avail_in = left;
      }
      started_ = true;
      const size_t had = out.size();
      out.resize(had + kStep);
      state_.next_out = reinterpret_cast<uint8_t*>(out.data() + had);
      state_.avail_out = kStep;
      const int done = isal_inflate(&state_);
      out.resize(had + kStep - state_.avail_out);
      if (done != ISAL_DECOMP_OK) return fail(Errc::corrupt, "damaged gzip (code " + std::to_string(done) + ")");
      room_used_up = state_.avail_out == 0;
    }
    return {};
  }

  [[nodiscard]] bool whole() const override { return !started_ || state_.block_state == ISAL_BLOCK_FINISH; }

 private:
  void begin() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    started_ = false;
  }

  inflate_state state_{};
  bool started_ = false;  ///< something of the member was read
};

class Zstd final : public Decompressor {
 public:
  Zstd() : context_(ZSTD_createDCtx()) { CHECK(context_ != nullptr); }
  ~Zstd() override { ZSTD_freeDCtx(context_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<> add(std::string_view bytes, std::string& out) override {
    ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
    for (;;) {
      const size_t had = out.size();
      out.resize(had + kStep);
      ZSTD_outBuffer room{.dst = out.data() + had, .size = kStep, .pos = 0};
      const size_t left = ZSTD_decompressStream(context_, &room, &in);
      out.resize(had + room.pos);
      if (ZSTD_isError(left) != 0) return fail(Errc::corrupt, std::string("damaged zstd: ") + ZSTD_getErrorName(left));
      whole_ = left == 0;
      if (in.pos == in.size && room.pos < kStep) return {};
    }
  }

  [[nodiscard]] bool whole() const override { return whole_; }

 private:
  ZSTD_DCtx* context_;
  bool whole_ = true;
};

}  // namespace

std::unique_ptr<Decompressor> Decompressor::make(Compression kind) {
  CHECK(kind != Compression::none);
  if (kind == Compression::gzip) return std::make_unique<Gzip>();
  return std::make_unique<Zstd>();
}

Compression compression_of(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return Compression::gzip;
  return beginning.starts_with("\x28\xb5\x2f\xfd") ? Compression::zstd : Compression::none;
}

}  // namespace acta
