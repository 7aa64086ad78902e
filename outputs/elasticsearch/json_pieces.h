#pragma once
#include <functional>
#include <string_view>

#include "base/result.h"

namespace acta {

/// Gives the next piece of a body; empty at its end. A piece is valid until the next call.
using ReadPiece = std::function<Result<std::string_view>()>;

/// A body that comes in pieces, as an input stream of RapidJSON. A failure of reading is the end of the stream, and
/// kept.
class JsonPieces {
 public:
  using Ch = char;
  explicit JsonPieces(const ReadPiece& read) : read_(read) { fetch(); }

  [[nodiscard]] Ch Peek() const { return at_ < piece_.size() ? piece_[at_] : '\0'; }
  Ch Take() {
    const Ch c = Peek();
    if (at_ < piece_.size() && ++at_ == piece_.size()) fetch();
    return c;
  }
  [[nodiscard]] size_t Tell() const { return before_ + at_; }
  // For writing, which is not done.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  size_t PutEnd(Ch*) { return 0; }

  /// The failure of reading, if there was one; takes what is left of the body first.
  Result<> finish() {
    while (!piece_.empty() && result_) fetch();
    return result_;
  }

 private:
  void fetch() {
    before_ += at_;
    at_ = 0;
    if (!result_ || ended_) return;
    auto piece = read_();
    if (!piece) result_ = tl::unexpected(piece.error());
    piece_ = piece ? *piece : std::string_view();
    ended_ = piece_.empty();
  }

  const ReadPiece& read_;
  std::string_view piece_;
  size_t at_ = 0;
  size_t before_ = 0;
  bool ended_ = false;
  Result<> result_;
};

}  // namespace acta
