#include "pipeline/dead_letters.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/log.h"
#include "event/encoder.h"

namespace acta {
namespace {

constexpr uint32_t kMode = 0600;
constexpr size_t kWhyBytesMax = 4096;
constexpr std::string_view kSuffix = ".ndjson";

/// True for one JSON object without a line end in it: then it can stand in a line as it is.
bool is_json_object(std::string_view text) {
  if (text.empty() || text.front() != '{' || text.find('\n') != std::string_view::npos) return false;
  if (text.find('\0') != std::string_view::npos) return false;  // the parser takes it for the end
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::BaseReaderHandler<> ignore;
  rapidjson::Reader reader;
  // Iterative: the depth of a document must not be the depth of our stack.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  return !reader.Parse<kFlags>(stream, ignore).IsError();
}

/// The numbers of the full files of an output, ascending.
Result<std::vector<uint64_t>> full_files(Fs& fs, const std::string& directory, const std::string& output) {
  auto names = fs.list(directory);
  if (!names) return tl::unexpected(names.error());
  std::vector<uint64_t> numbers;
  const std::string begin = output + ".";
  for (const std::string& name : *names) {
    uint64_t number = 0;
    if (!name.starts_with(begin)) continue;
    const auto [end, bad] = std::from_chars(name.data() + begin.size(), name.data() + name.size(), number);
    if (bad == std::errc{} && std::string_view(end) == kSuffix) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string full_path(const std::string& directory, const std::string& output, uint64_t number) {
  return directory + "/" + output + "." + std::to_string(number) + std::string(kSuffix);
}

}  // namespace

DeadLetters::DeadLetters(Fs& fs, const Clock& clock, std::string directory, std::string output, const Limits& limits)
    : fs_(fs),
      clock_(clock),
      directory_(std::move(directory)),
      output_(std::move(output)),
      path_(directory_ + "/" + output_ + ".ndjson"),
      limits_(limits) {}

void DeadLetters::append_line(std::string_view time, const DeadLetter& letter) {
  lines_.append("{\"time\":\"").append(time).append("\",\"output\":");
  append_json_string(output_, lines_);
  lines_.append(",\"why\":");
  append_json_string(letter.why.substr(0, kWhyBytesMax), lines_);
  if (letter.status != 0) lines_.append(",\"status\":").append(std::to_string(letter.status));
  lines_.append(",\"id\":");
  append_json_string(letter.doc.meta.id, lines_);
  lines_.append(",\"document\":");
  if (is_json_object(letter.doc.json)) {
    lines_.append(letter.doc.json);
  } else {
    append_json_string(letter.doc.json, lines_);
  }
  lines_.append("}\n");
}

// Gives the full file the next number, and lets the oldest go when there are too many.
Result<> DeadLetters::rotate() {
  auto full = full_files(fs_, directory_, output_);
  if (!full) return tl::unexpected(full.error());
  for (size_t i = 0; i + limits_.files_max <= full->size(); ++i) {
    if (auto done = drop(full_path(directory_, output_, (*full)[i])); !done) return done;
  }
  const uint64_t number = full->empty() ? 1 : full->back() + 1;
  if (auto done = fs_.rename(path_, full_path(directory_, output_, number)); !done) return done;
  file_.reset();
  return fs_.sync_dir(directory_);
}

Result<std::vector<std::string>> DeadLetters::files(Fs& fs, const std::string& directory, const std::string& output) {
  auto full = full_files(fs, directory, output);
  if (!full) return tl::unexpected(full.error());
  std::vector<std::string> paths;
  for (const uint64_t number : *full) paths.push_back(full_path(directory, output, number));
  std::string current = directory + "/" + output + std::string(kSuffix);
  if (fs.stat(current)) paths.push_back(std::move(current));
  return paths;
}

Result<> DeadLetters::drop(const std::string& path) {
  constexpr size_t kReadBytes = 1u << 20;
  auto file = fs_.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  std::string bytes(kReadBytes, '\0');
  uint64_t letters = 0;
  for (uint64_t at = 0;;) {
    auto got = (*file)->read_at(at, bytes.data(), bytes.size());
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) break;
    letters +=
        static_cast<uint64_t>(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*got), '\n'));
    at += *got;
  }
  if (auto done = fs_.remove(path); !done) return done;
  dropped_ += letters;
  log::error("dead_letters", fmt::format("{}: too many rejected documents; the oldest file with {} of them is gone: {}",
                                         output_, letters, path));
  return {};
}

Result<> DeadLetters::write(std::span<const DeadLetter> letters) {
  if (letters.empty()) return {};
  std::string time;
  append_iso_time(clock_.realtime(), time);
  lines_.clear();
  for (const DeadLetter& letter : letters) append_line(time, letter);
  // Whoever takes the file away between the look and the write may have read it to its end: then it is written anew.
  constexpr int kTries = 2;
  for (int i = 0; i < kTries; ++i) {
    if (auto opened = open(); !opened) return opened;
    if (file_->size() > 0 && file_->size() + lines_.size() > limits_.file_bytes_max) {
      if (auto done = rotate(); !done) return done;
      if (auto opened = open(); !opened) return opened;
    }
    if (auto done = file_->append(lines_, true); !done) return done;
    if (file_->still_there(fs_)) break;
  }
  return {};
}

Result<> DeadLetters::open() {
  if (file_ && file_->still_there(fs_)) return {};
  if (auto made = fs_.make_dirs(directory_); !made) return made;
  auto opened = LineFile::open(fs_, path_, kMode);
  if (!opened) return tl::unexpected(opened.error());
  file_ = std::move(*opened);
  if (file_->cut_off() > 0) log::warning("dead_letters", "cut off a partial last line of " + path_);
  return {};
}

}  // namespace acta
