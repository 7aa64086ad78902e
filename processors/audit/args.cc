#include "processors/audit/args.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace acta::audit {
namespace {

// The kernel begins another record when less than some hundred bytes of MAX_EXECVE_AUDIT_LEN (7500) are left.
constexpr size_t kFullRecordBytes = 7000;
constexpr size_t kMissingMax = 64;  // ranges told apart

// A decimal number that is all of the text; its length is bounded by from_chars.
bool number(std::string_view text, uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

enum class KeyKind : uint8_t { other, count, length, whole, chunk };

KeyKind read_key(std::string_view key, uint64_t& arg, uint64_t& part) {
  if (key == "argc") return KeyKind::count;
  if (key.size() < 2 || key.front() != 'a') return KeyKind::other;
  const char* end = key.data() + key.size();
  const auto [at, error] = std::from_chars(key.data() + 1, end, arg);
  if (error != std::errc{}) return KeyKind::other;
  const std::string_view rest(at, static_cast<size_t>(end - at));
  if (rest.empty()) return KeyKind::whole;
  if (rest == "_len") return KeyKind::length;
  const bool chunk =
      rest.size() >= 3 && rest.front() == '[' && rest.back() == ']' && number(rest.substr(1, rest.size() - 2), part);
  return chunk ? KeyKind::chunk : KeyKind::other;
}

// Bytes of text that end with a whole UTF-8 character, at most `size`.
size_t utf8_floor(std::string_view text, size_t size) {
  size_t start = size;
  while (start > 0 && size - start < 3 && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80) --start;
  const auto lead = static_cast<uint8_t>(text[start]);
  return lead >= 0xc0 ? start : size;
}

}  // namespace

void ExecArgs::clear() {
  pieces_.clear();
  lengths_.clear();
  full_.clear();
  ends_.clear();
  arena_.clear();
  args_.values.clear();
  args_.missing.clear();
  args_.count.reset();
  args_.args_cut = args_.bytes_cut = 0;
}

void ExecArgs::add(std::span<const Field> fields) {
  const auto record = static_cast<uint32_t>(full_.size());
  size_t bytes = 0;
  for (const Field& field : fields) {
    bytes += field.key.size() + field.value.size() + (field.quoted ? 4 : 2);
    Piece piece{0, 0, field.value, field.quoted, false, record};
    uint64_t value = 0;
    switch (read_key(field.key, piece.arg, piece.part)) {
      case KeyKind::count:
        if (number(field.value, value)) args_.count = value;
        break;
      case KeyKind::length:
        if (number(field.value, value)) lengths_.push_back({piece.arg, value});
        break;
      case KeyKind::chunk:
        piece.chunk = true;
        [[fallthrough]];
      case KeyKind::whole:
        pieces_.push_back(piece);
        break;
      case KeyKind::other:
        break;
    }
  }
  full_.push_back(bytes >= kFullRecordBytes);
}

void ExecArgs::order() {
  const auto less = [](const Piece& a, const Piece& b) { return std::tie(a.arg, a.part) < std::tie(b.arg, b.part); };
  if (!std::ranges::is_sorted(pieces_, less)) std::ranges::stable_sort(pieces_, less);
  if (!std::ranges::is_sorted(lengths_, {}, &Length::arg)) std::ranges::stable_sort(lengths_, {}, &Length::arg);
}

uint64_t ExecArgs::announced(uint64_t arg) const {
  const auto found = std::ranges::lower_bound(lengths_, arg, {}, &Length::arg);
  return found != lengths_.end() && found->arg == arg ? found->bytes : 0;
}

// Arguments [first, last] are absent.
void ExecArgs::hole(uint64_t first, uint64_t last, bool may_be_lost) {
  if (may_be_lost && args_.missing.size() < kMissingMax) args_.missing.push_back({first, last});
  const uint64_t room = args_.bytes_cut == 0 ? kArgsMax - std::min<uint64_t>(kArgsMax, ends_.size()) : 0;
  const uint64_t count = last - first + 1;
  for (uint64_t i = 0; i < std::min(room, count); ++i) ends_.push_back(arena_.size());
  if (count > room) args_.args_cut += count - room;
}

void ExecArgs::append(const Piece& piece) {
  std::string_view bytes = piece.value;
  if (!piece.quoted && decode_hex(piece.value, scratch_)) bytes = scratch_;
  const size_t room = bytes_max_ - arena_.size();
  if (bytes.size() > room) {
    const size_t kept = args_.bytes_cut == 0 ? utf8_floor(bytes, room) : 0;
    args_.bytes_cut += bytes.size() - kept;
    bytes = bytes.substr(0, kept);
  } else if (args_.bytes_cut != 0) {
    args_.bytes_cut += bytes.size();  // nothing goes on behind a cut
    bytes = {};
  }
  arena_ += bytes;
}

// Joins the argument that begins at pieces_[at]; returns the index of the next one's first piece.
size_t ExecArgs::join(size_t at) {
  const uint64_t arg = pieces_[at].arg;
  const bool kept = ends_.size() < kArgsMax && args_.bytes_cut == 0;
  if (!kept) ++args_.args_cut;
  uint64_t encoded = 0;
  uint64_t parts = 0;
  bool whole = !pieces_[at].chunk;
  const size_t first = at;
  for (; at < pieces_.size() && pieces_[at].arg == arg; ++at) {
    const Piece& piece = pieces_[at];
    if (at > first && piece.part == pieces_[at - 1].part) continue;  // said twice
    encoded += piece.value.size() + (piece.quoted ? 2 : 0);
    parts += piece.chunk && piece.part == parts ? 1 : 0;
    if (kept) {
      append(piece);
    } else {
      args_.bytes_cut += piece.quoted ? piece.value.size() : piece.value.size() / 2;
    }
  }
  if (!whole) whole = parts == pieces_[at - 1].part + 1 && announced(arg) != 0 && encoded >= announced(arg);
  if (!whole && args_.missing.size() < kMissingMax) args_.missing.push_back({arg, arg});
  if (kept) ends_.push_back(arena_.size());
  return at;
}

const Args& ExecArgs::finish() {
  order();
  uint64_t next = 0;  // index of the argument expected
  uint32_t record = 0;
  for (size_t at = 0; at < pieces_.size();) {
    const Piece& piece = pieces_[at];
    if (piece.arg > next)
      hole(next, piece.arg - 1,
           at == 0 ? record != piece.record || !args_.count : piece.record != record && full_[record]);
    next = piece.arg == UINT64_MAX ? piece.arg : piece.arg + 1;
    at = join(at);
    record = pieces_[at - 1].record;
  }
  if (args_.count && *args_.count > next) hole(next, *args_.count - 1, !full_.empty() && full_[record]);
  size_t begin = 0;
  for (const size_t end : ends_) {
    args_.values.push_back(std::string_view(arena_).substr(begin, end - begin));
    begin = end;
  }
  return args_;
}

}  // namespace acta::audit
