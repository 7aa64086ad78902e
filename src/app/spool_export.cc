#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/load.h"
#include "app/spool.h"
#include "app/spool_place.h"
#include "event/encoder.h"

namespace acta {
namespace {

/// Documents to standard output, and the holes between them.
class Printer final : public spool::DocumentSink {
 public:
  Printer(uint64_t from, bool with_offset) : next_(from), with_offset_(with_offset) {}

  Result<> take(uint64_t offset, const Doc& doc) override {
    missing += offset - next_;
    next_ = offset + 1;
    line_.clear();
    if (with_offset_) {
      line_ = fmt::format("{{\"offset\":{},\"id\":", offset);
      append_json_string(doc.meta.id, line_);
      line_.append(",\"document\":");
    }
    line_.append(doc.json).append(with_offset_ ? "}\n" : "\n");
    if (std::fwrite(line_.data(), 1, line_.size(), stdout) != line_.size())
      return fail(Errc::io, "cannot write to standard output");
    return {};
  }

  uint64_t missing = 0;
  [[nodiscard]] uint64_t next() const { return next_; }

 private:
  uint64_t next_;
  const bool with_offset_;
  std::string line_;
};

Result<spool::Range> range_of(const SpoolOptions& options, const spool::Survey& survey) {
  spool::Range range{std::max(options.from, survey.first), std::min(options.to, survey.end)};
  if (options.output.empty()) return range;
  for (const spool::ReaderSurvey& reader : survey.readers) {
    if (reader.name != options.output) continue;
    range.from = std::max(range.from, reader.committed);
    return range;
  }
  return fail(Errc::config, survey.directory + " knows no output " + options.output);
}

Result<uint64_t> export_all(const SpoolOptions& options) {
  PosixFs fs;
  const auto place = find_spool(fs, options);
  if (!place) return tl::unexpected(place.error());
  const auto survey = spool::survey(fs, place->writer.directory, place->writer.master, spool::Depth::headers);
  if (!survey) return tl::unexpected(survey.error());
  const auto range = range_of(options, *survey);
  if (!range) return tl::unexpected(range.error());
  Printer printer(range->from, options.with_offset);
  if (auto done = spool::export_documents(fs, place->writer.directory, place->writer.master, *range, printer); !done)
    return tl::unexpected(done.error());
  if (std::fflush(stdout) != 0) return fail(Errc::io, "cannot write to standard output");
  return printer.missing + (range->to > printer.next() ? range->to - printer.next() : 0);
}

}  // namespace

int run_spool_export(const SpoolOptions& options) {
  const auto missing = export_all(options);
  if (!missing) return print_error(missing.error());
  if (*missing == 0) return 0;
  return print_error(
      {Errc::corrupt, 0, fmt::format("{} documents of the range are not there: see spool verify", *missing)});
}

}  // namespace acta
