#include "report/text_output.h"

#include <cerrno>

namespace acta::report {
namespace {

constexpr size_t kPieceBytes = 256u << 10;

}  // namespace

void TextOutput::write(std::string_view text) {
  text_.append(text);
  if (text_.size() < kMemoryBytesMax) return;
  if (!spilled_) spilled_.reset(std::tmpfile());
  if (!spilled_) {
    failed_ = true;
    return;
  }
  failed_ = failed_ || std::fwrite(text_.data(), 1, text_.size(), spilled_.get()) != text_.size();
  text_.clear();
}

template <class Write>
bool TextOutput::for_each_piece(Write write) {
  if (spilled_) {
    std::rewind(spilled_.get());
    std::string piece(kPieceBytes, '\0');
    for (size_t count; (count = std::fread(piece.data(), 1, piece.size(), spilled_.get())) > 0;) {
      if (!write(std::string_view(piece).substr(0, count))) return false;
    }
    if (std::ferror(spilled_.get()) != 0) return false;
  }
  return write(text_);
}

void TextOutput::copy_to(TextOutput& other) {
  const bool good = for_each_piece([&other](std::string_view piece) {
    other.write(piece);
    return true;
  });
  other.failed_ = other.failed_ || failed_ || !good;
}

Result<> TextOutput::finish(const std::vector<std::string>& head) {
  if (failed_) return fail(Errc::io, "cannot keep the report in a temporary file: is there room in $TMPDIR?");
  std::string lines;
  for (const std::string& line : head) lines.append(line).append("\n");
  const auto print = [](std::string_view piece) {
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  };
  if (print(lines) && for_each_piece(print) && std::fflush(stdout) == 0) return {};
  return fail_errno("cannot write to standard output", errno);
}

}  // namespace acta::report
