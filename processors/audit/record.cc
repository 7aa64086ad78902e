#include "processors/audit/record.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "processors/audit/scan.h"

namespace acta::audit {
namespace {

// Seconds that Nanos can hold (until the year 2262).
constexpr int64_t kSecondMax = std::numeric_limits<Nanos>::max() / kSecond - 1;
constexpr char kEnrichedMark = '\x1d';

// Reads the head of one line from left to right. Never looks past the end.
class HeadReader {
 public:
  explicit HeadReader(std::string_view line) : line_(line) {}

  [[nodiscard]] size_t at() const { return at_; }
  [[nodiscard]] std::string_view rest() const { return line_.substr(at_); }

  bool take(std::string_view word) {
    // memcmp: of a literal the compiler makes one comparison.
    if (line_.size() - at_ < word.size() || std::memcmp(line_.data() + at_, word.data(), word.size()) != 0)
      return false;
    at_ += word.size();
    return true;
  }

  // Bytes up to the next space, and the space.
  bool take_token(std::string_view& token) {
    const char* from = line_.data() + at_;
    const char* end = line_.data() + line_.size();
    const char* space = scan::find<' '>(from, end);
    if (space == end || space == from) return false;
    token = {from, static_cast<size_t>(space - from)};
    at_ += token.size() + 1;
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
    return true;
  }

  void skip(size_t size) { at_ += size; }

  // A decimal number; one above `max` becomes `max`. Returns the count of its digits.
  size_t take_number(uint64_t max, uint64_t& value) {
    const size_t start = at_;
    uint64_t sum = 0;
    const size_t safe = std::min(line_.size(), start + kSafeDigits);
    while (at_ < safe && is_digit(line_[at_])) sum = sum * 10 + static_cast<uint8_t>(line_[at_++] - '0');
    while (at_ < line_.size() && is_digit(line_[at_])) {
      const auto digit = static_cast<uint8_t>(line_[at_++] - '0');
      sum = sum > (UINT64_MAX - digit) / 10 ? UINT64_MAX : sum * 10 + digit;
    }
    value = std::min(sum, max);
    return at_ - start;
  }

 private:
  static constexpr size_t kSafeDigits = 19;  // 64 bits hold any number of so many
  static bool is_digit(char c) { return static_cast<uint8_t>(c - '0') <= 9; }

  std::string_view line_;
  size_t at_ = 0;
};

tl::unexpected<Error> corrupt(std::string_view what, size_t at) {
  return fail(Errc::corrupt, fmt::format("{} at byte {}", what, at));
}

// SEC.MMM:SERIAL)
const char* read_new_stamp(HeadReader& head, EventKey& key) {
  constexpr uint64_t kTooLate = static_cast<uint64_t>(kSecondMax) + 1;
  uint64_t number = 0;
  if (head.take_number(kTooLate, number) == 0) return "no seconds in the time stamp";
  if (number == kTooLate) return "seconds of the time stamp out of range";
  key.second = static_cast<int64_t>(number);
  if (!head.take(".")) return "no '.' after the seconds";
  const size_t digits = head.take_number(1000, number);
  if (digits == 0 || number >= 1000) return "no milliseconds (0 to 999) in the time stamp";
  key.millisecond = static_cast<uint32_t>(number);
  if (!head.take(":")) return "no ':' after the milliseconds";
  if (head.take_number(std::numeric_limits<uint64_t>::max(), key.serial) == 0) return "no serial number";
  if (!head.take(")")) return "no ')' after the serial number";
  return nullptr;
}

const char* read_stamp(HeadReader& head, EventKey& key, KnownStamp& last) {
  const std::string_view from = head.rest();
  if (const size_t size = last.size_at(from); size != 0) [[likely]] {
    key.second = last.key().second;
    key.millisecond = last.key().millisecond;
    key.serial = last.key().serial;
    head.skip(size);
    return nullptr;
  }
  const size_t begin = head.at();
  const char* what = read_new_stamp(head, key);
  if (what == nullptr) last.remember(from.substr(0, head.at() - begin), key);
  return what;
}

// Where auditd's additions begin: at the last mark, when what follows can be theirs (they begin with an upper-case key
// and are never inside msg='…'). The first mark could be text of a user's message.
size_t enriched_mark(std::string_view text) {
  if (text.empty() || text.back() == '\'') return std::string_view::npos;
  const void* found = memrchr(text.data(), kEnrichedMark, text.size());
  if (found == nullptr) return std::string_view::npos;
  const auto mark = static_cast<size_t>(static_cast<const char*>(found) - text.data());
  const bool upper = mark + 1 < text.size() && text[mark + 1] >= 'A' && text[mark + 1] <= 'Z';
  return upper || mark + 1 == text.size() ? mark : std::string_view::npos;
}

// Null, or what is wrong at head.at().
const char* read_record(HeadReader& head, Record& record, KnownStamp& last, KnownTypes& types) {
  record.line = head.rest();
  record.key.node = {};  // each on its own: copied from one to the next, they wait for each other
  record.type_name = {};
  record.enriched = {};
  if (head.take("node=") && !head.take_token(record.key.node)) return "no node name";
  if (head.take("type=") && !head.take_token(record.type_name)) return "no record type";
  head.take("msg=");
  if (!head.take("audit(")) return "no 'audit(' where it belongs";
  if (const char* what = read_stamp(head, record.key, last)) return what;
  head.take(":");  // some DAEMON_CONFIG records have none
  head.take(" ");
  record.type = types.number(record.type_name);
  record.body = head.rest();
  if (const size_t mark = enriched_mark(record.body); mark != std::string_view::npos) {
    record.enriched = record.body.substr(mark + 1);
    record.body = record.body.substr(0, mark);
  }
  return nullptr;
}

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

uint64_t hash(const EventKey& key) {
  // Multiply and fold, as in splitmix64: kernel stamps and serials differ in few low bits.
  uint64_t h = (static_cast<uint64_t>(key.second) * 1000 + key.millisecond) * 0x9e3779b97f4a7c15u;
  h ^= key.serial + 0xbf58476d1ce4e5b9u + (h >> 29);
  h *= 0x94d049bb133111ebu;
  h ^= h >> 31;
  if (!key.node.empty()) h = XXH3_64bits_withSeed(key.node.data(), key.node.size(), h);
  return h != 0 ? h : 1;  // 0 means "no key" in Provenance
}

size_t KnownStamp::size_at(std::string_view text) const {
  Words words;
  if (text.size() < sizeof words) return 0;
  std::memcpy(words.data(), text.data(), sizeof words);
  uint64_t others = 0;
  for (size_t i = 0; i < words.size(); ++i) others |= (words[i] & mask_[i]) ^ words_[i];
  return others == 0 ? size_ : 0;
}

void KnownStamp::remember(std::string_view printed, const EventKey& key) {
  *this = {};
  if (printed.size() > sizeof words_) return;
  size_ = printed.size();
  key_ = key;
  std::memcpy(words_.data(), printed.data(), size_);
  std::memset(mask_.data(), 0xff, size_);
}

Result<Record> parse_record(std::string_view line) {
  Result<Record> result;  // filled where it stands: to copy a record costs as much as to read it
  if (auto parsed = RecordParser().parse(line, *result); !parsed) return tl::unexpected(std::move(parsed.error()));
  return result;
}

Result<> RecordParser::parse(std::string_view line, Record& record) {
  HeadReader head(without_line_end(line));
  if (const char* what = read_record(head, record, last_, types_)) return corrupt(what, head.at());
  return {};
}

}  // namespace acta::audit
