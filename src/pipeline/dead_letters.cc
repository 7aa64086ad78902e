#include "pipeline/dead_letters.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "base/log.h"
#include "event/encoder.h"

namespace acta {
namespace {

constexpr uint32_t kMode = 0600;
constexpr size_t kWhyBytesMax = 4096;

/// True for one JSON object without a line end in it: then it can stand in a line as it is.
bool is_json_object(std::string_view text) {
  if (text.empty() || text.front() != '{' || text.find('\n') != std::string_view::npos) return false;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::BaseReaderHandler<> ignore;
  rapidjson::Reader reader;
  // Iterative: the depth of a document must not be the depth of our stack.
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  return !reader.Parse<kFlags>(stream, ignore).IsError();
}

}  // namespace

DeadLetters::DeadLetters(Fs& fs, const Clock& clock, std::string directory, std::string output)
    : fs_(fs),
      clock_(clock),
      directory_(std::move(directory)),
      output_(std::move(output)),
      path_(directory_ + "/" + output_ + ".ndjson") {}

void DeadLetters::append_line(std::string_view time, const DeadLetter& letter) {
  lines_.append("{\"time\":\"").append(time).append("\",\"output\":");
  append_json_string(output_, lines_);
  lines_.append(",\"why\":");
  append_json_string(letter.why.substr(0, kWhyBytesMax), lines_);
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
