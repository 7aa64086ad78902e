#include "app/spool_place.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/load.h"
#include "app/make_queue.h"
#include "event/encoder.h"

namespace acta {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string time_of(Nanos time) {
  std::string text;
  append_iso_time(time, text);
  return text;
}

void print_json(const spool::Survey& survey) {
  std::string segments, readers, lost;
  for (const spool::SegmentSurvey& s : survey.segments) {
    segments += fmt::format(
        R"({}{{"name":{},"first":{},"end":{},"frames":{},"bytes":{},"modified":"{}","encrypted":{},"problem":{}}})",
        segments.empty() ? "" : ",", quoted(s.name), s.first, s.end, s.frames, s.bytes, time_of(s.mtime), s.encrypted,
        s.problem.empty() ? "null" : quoted(s.problem));
  }
  for (const spool::ReaderSurvey& r : survey.readers) {
    readers += fmt::format(R"({}{{"name":{},"committed":{},"waiting":{},"problem":{}}})", readers.empty() ? "" : ",",
                           quoted(r.name), r.committed, r.waiting, r.problem.empty() ? "null" : quoted(r.problem));
  }
  for (const spool::Range& range : survey.lost)
    lost += fmt::format(R"({}{{"from":{},"to":{}}})", lost.empty() ? "" : ",", range.from, range.to);
  fmt::print(
      R"({{"path":{},"holder":{},"running":{},"first":{},"end":{},"documents":{},"bytes":{},"unfinished_bytes":{},)"
      R"("foreign":{},"set_aside":{},"lost_documents":{},"lost":[{}],"outputs":[{}],"segments":[{}],"good":{}}})"
      "\n",
      quoted(survey.directory), quoted(survey.holder), survey.running, survey.first, survey.end, survey.documents,
      survey.bytes, survey.unfinished_bytes, survey.foreign.size(), survey.set_aside.size(), survey.lost_documents(),
      lost, readers, segments, survey.good());
}

void print_text(const spool::Survey& survey) {
  fmt::print("spool      {}\n", survey.directory);
  if (survey.running) fmt::print("in use by  pid {}\n", survey.holder);
  fmt::print("documents  {}, offsets {} to {}, in {} segments of {} bytes\n", survey.documents, survey.first,
             survey.end, survey.segments.size(), survey.bytes);
  for (const spool::ReaderSurvey& r : survey.readers) {
    if (r.problem.empty()) fmt::print("output     {}: committed {}, waiting {}\n", r.name, r.committed, r.waiting);
    if (!r.problem.empty()) fmt::print("PROBLEM    {}; that output will begin again at the oldest\n", r.problem);
  }
  for (const spool::SegmentSurvey& s : survey.segments) {
    fmt::print("segment    {}  {} documents  {} frames  {} bytes  {}{}\n", s.name, s.end - s.first, s.frames, s.bytes,
               time_of(s.mtime), s.encrypted ? "  encrypted" : "");
    if (!s.problem.empty()) fmt::print("PROBLEM    {}\n", s.problem);
  }
  for (const spool::Range& range : survey.lost)
    fmt::print("LOST       documents {} to {} are damaged or missing\n", range.from, range.to - 1);
  if (survey.unfinished_bytes > 0)
    fmt::print("unfinished {} bytes at the end: being written, or torn by a crash; never promised\n",
               survey.unfinished_bytes);
  if (!survey.foreign.empty())
    fmt::print("foreign    {} files, {} first\n", survey.foreign.size(), survey.foreign.front());
  if (!survey.set_aside.empty()) fmt::print("set aside  {} files in damaged/\n", survey.set_aside.size());
}

}  // namespace

Result<SpoolPlace> find_spool(Fs& fs, const SpoolOptions& options) {
  SpoolPlace place;
  if (options.path.empty()) {
    auto config = load(options.config);
    if (!config) return tl::unexpected(config.error());
    if (!config->queue.disk)
      return fail(Errc::config,
                  options.config.file + " has no queue.disk.max_size: its queue is in memory; or give --path");
    place.writer.directory = config->queue.disk->path;
    place.writer.level = config->queue.disk->level;
    place.segment_bytes = config->queue.disk->segment_bytes;
    auto key = options.key_file.empty() ? spool_key(fs, *config->queue.disk) : Result<std::string>();
    if (!key) return tl::unexpected(key.error());
    place.writer.master = std::move(*key);
  } else {
    place.writer.directory = options.path;
  }
  if (!options.key_file.empty()) {
    auto key = read_spool_key(fs, options.key_file);
    if (!key) return tl::unexpected(key.error());
    place.writer.master = std::move(*key);
  }
  return place;
}

void print_survey(const spool::Survey& survey, bool json) {
  if (json) {
    print_json(survey);
  } else {
    print_text(survey);
  }
}

}  // namespace acta
