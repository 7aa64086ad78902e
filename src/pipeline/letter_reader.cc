#include "pipeline/letter_reader.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "base/check.h"
#include "event/route.h"

namespace acta {
namespace {

constexpr size_t kBatchLines = 500;
constexpr size_t kBatchBytes = 1u << 20;
constexpr size_t kReadBytes = 256u << 10;
constexpr size_t kLineBytesMax = 64u << 20;
constexpr size_t kPlaceBytesMax = 256;
constexpr std::string_view kDocumentKey = ",\"document\":";

std::string_view text_of(const rapidjson::Value& value) {
  return value.IsString() ? std::string_view(value.GetString(), value.GetStringLength()) : std::string_view();
}

// "2026-11-23T02:37:12.432Z", with up to nine digits; 0 for anything else.
Nanos parse_time(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  constexpr size_t kDigitsMax = 9;
  if (text.size() < kForm.size() + 1 || !text.ends_with('Z')) return 0;
  const auto number = [&](size_t at, size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)), std::chrono::month(unsigned(number(5, 2))),
                                         std::chrono::day(unsigned(number(8, 2)))};
  if (!date.ok()) return 0;
  Nanos seconds = std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86400};
  seconds += number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
  std::string fraction(text.substr(kForm.size(), text.size() - kForm.size() - 1));
  if (!fraction.empty()) fraction.erase(0, 1);
  fraction.resize(kDigitsMax, '0');
  Nanos nanos = 0;
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), nanos);
  return seconds * kSecond + nanos;
}

// What routing looks at, from the document itself.
void read_meta(std::string_view document, Letter& letter) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(document.data(), document.size());
  if (json.HasParseError() || !json.IsObject()) return;
  const auto member = [&](const char* object, const char* name) -> std::string_view {
    const auto found = json.FindMember(object);
    if (found == json.MemberEnd() || !found->value.IsObject()) return {};
    const auto inner = found->value.FindMember(name);
    return inner == found->value.MemberEnd() ? std::string_view() : text_of(inner->value);
  };
  letter.dataset = member("event", "dataset");
  letter.key = member("host", "id");
  const auto time = json.FindMember("@timestamp");
  if (time != json.MemberEnd()) letter.timestamp = parse_time(text_of(time->value));
}

}  // namespace

// The head is a small object of strings; where it ends, the document stands as it was sent, up to the closing brace.
Result<Letter> parse_letter(std::string_view line) {
  const auto bad = [](std::string_view why) { return fail(Errc::corrupt, fmt::format("not a dead letter: {}", why)); };
  if (!line.ends_with('}')) return bad("it has no end");
  // A quote inside a string is escaped, so the first such key is ours.
  const size_t key = line.find(kDocumentKey);
  if (key == std::string_view::npos) return bad("it has no document");
  rapidjson::Document head;
  const std::string text = std::string(line.substr(0, key)) + "}";
  head.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (head.HasParseError() || !head.IsObject()) return bad("it is not JSON");
  const auto id = head.FindMember("id");
  if (id == head.MemberEnd() || !id->value.IsString()) return bad("it has no id");
  Letter letter;
  letter.id = text_of(id->value);
  const std::string_view document = line.substr(key + kDocumentKey.size(), line.size() - key - kDocumentKey.size() - 1);
  if (!document.starts_with('"')) {
    rapidjson::MemoryStream stream(document.data(), document.size());
    rapidjson::BaseReaderHandler<> ignore;
    rapidjson::Reader reader;
    if (reader.Parse<rapidjson::kParseIterativeFlag>(stream, ignore).IsError()) return bad("its document is not JSON");
    letter.document = document;
    read_meta(document, letter);
    return letter;
  }
  rapidjson::Document string;
  string.Parse<rapidjson::kParseIterativeFlag>(document.data(), document.size());
  if (string.HasParseError() || !string.IsString()) return bad("its document is not JSON");
  letter.document = text_of(string);
  return letter;
}

Result<std::unique_ptr<LetterReader>> LetterReader::open(Fs& fs, const std::string& path, Unreadable unreadable,
                                                         std::vector<std::string> routes) {
  auto reader = std::unique_ptr<LetterReader>(new LetterReader(fs, path, std::move(unreadable), std::move(routes)));
  auto file = fs.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  reader->file_ = std::move(*file);
  if (auto loaded = reader->load_place(); !loaded) return tl::unexpected(loaded.error());
  return reader;
}

Result<> LetterReader::load_place() {
  auto content = read_file(fs_, place_path(path_), kPlaceBytesMax);
  if (!content && content.error().sys == ENOENT) return {};
  if (!content) return tl::unexpected(content.error());
  uint64_t line = 0, byte = 0;
  const char* end = content->data() + content->size();
  const auto first = std::from_chars(content->data(), end, line);
  const auto second = first.ec == std::errc{} && first.ptr < end ? std::from_chars(first.ptr + 1, end, byte) : first;
  if (second.ec != std::errc{} || second.ptr == content->data())
    return fail(Errc::corrupt, place_path(path_) + " is damaged: remove it, and all letters are sent again");
  at_ = committed_ = line;
  buffer_at_ = byte;
  return {};
}

// False at the end of the file. A line without its end is one that is being written: it is not given.
Result<bool> LetterReader::read_line(std::string& line) {
  size_t end;
  for (size_t from = 0; (end = buffer_.find('\n', from)) == std::string::npos;) {
    from = buffer_.size();
    if (from > kLineBytesMax) return fail(Errc::corrupt, path_ + " has a line of more than 64 MiB");
    buffer_.resize(from + kReadBytes);
    auto got = file_->read_at(buffer_at_ + from, buffer_.data() + from, kReadBytes);
    buffer_.resize(from + (got ? *got : 0));
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return false;
  }
  line.assign(buffer_, 0, end);
  buffer_.erase(0, end + 1);
  buffer_at_ += end + 1;
  return true;
}

void LetterReader::add(const Letter& letter, Batch& batch) {
  routes_.clear();
  if (!fields_.names().empty() && fields_.read(letter.document)) append_routes(fields_, routes_);
  batch.add(
      {.timestamp = letter.timestamp, .id = letter.id, .dataset = letter.dataset, .key = letter.key, .routes = routes_},
      letter.document);
}

Result<std::optional<Span>> LetterReader::next(Nanos) {
  auto batch = std::make_shared<Batch>();
  std::string line;
  while (batch->size() < kBatchLines && batch->bytes() < kBatchBytes) {
    const uint64_t begin = buffer_at_;
    auto more = read_line(line);
    if (!more) return tl::unexpected(more.error());
    at_end_ = !*more;
    if (at_end_) break;
    auto letter = parse_letter(line);
    if (letter) {
      add(*letter, *batch);
      ends_.push_back(buffer_at_);
      continue;
    }
    if (auto kept = unreadable_line_(line, letter.error().what); !kept) {
      buffer_.insert(0, line + "\n");
      buffer_at_ = begin;
      if (batch->empty()) return tl::unexpected(kept.error());
      break;
    }
    ++unreadable_;
  }
  if (batch->empty()) return std::optional<Span>();
  const Offset first = at_;
  at_ += batch->size();
  return Span{.first = first, .batch = std::move(batch)};
}

Result<> LetterReader::commit(Offset upto) {
  if (upto <= committed_) return {};
  CHECK(upto <= at_);
  const uint64_t byte = ends_[upto - committed_ - 1];
  if (auto saved = replace_file(fs_, place_path(path_), fmt::format("{} {}\n", upto, byte)); !saved) return saved;
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(upto - committed_));
  committed_ = upto;
  return {};
}

}  // namespace acta
