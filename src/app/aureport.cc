#include "app/aureport.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <utility>

#include "app/classic.h"
#include "app/load.h"
#include "report/audit/aureport.h"
#include "report/audit/aureport_options.h"
#include "report/audit/questions.h"
#include "report/following.h"
#include "report/json_line.h"
#include "report/reading.h"
#include "report/text_output.h"

namespace acta {
namespace {

using report::audit::Aureport;
using report::audit::AureportOptions;

/// A report for each host, or one for all.
class Reports {
 public:
  /// More hosts are not told apart: each keeps events until their order is certain.
  static constexpr size_t kHostsMax = 500;

  /// `direct`: rows are printed as they come, not when it is known what must be said before them.
  Reports(const AureportOptions& options, bool by_host, bool direct)
      : options_(options), by_host_(by_host), direct_(direct) {
    if (!by_host) made("");
  }

  void add(const report::Document& document) {
    std::vector<report::audit::AuditEvent> events;
    if (!report::audit::make_events(document, options_.compat, options_.interpret, events)) {
      ++without_records_;
      return;
    }
    for (report::audit::AuditEvent& event : events) {
      One* one = find(by_host_ ? event.host : "");
      if (one != nullptr) one->report.add(std::move(event));
    }
  }

  /// A document that stands for several.
  void add_group(const report::Document& document, const report::Group& group, uint32_t needs) {
    std::vector<report::audit::AuditEvent> events;
    if (!report::audit::make_group_events(document, group, needs, options_.compat, events)) {
      without_records_ += group.documents;
      return;
    }
    for (const report::audit::AuditEvent& event : events) {
      One* one = find(by_host_ ? event.host : "");
      if (one != nullptr) one->report.add_group(event, group, needs);
    }
  }

  void end_of_file(const std::string& name) {
    for (auto& [host, one] : reports_) one->report.end_of_file(name);
  }

  /// All that was added is to be shown now.
  void settle() {
    for (auto& [host, one] : reports_) one->report.settle();
    std::fflush(stdout);
  }

  /// Prints all; returns the exit status.
  Result<int> finish(std::vector<std::string> head) {
    // The tool passes over them as well: said, but beside the report.
    if (without_records_ > 0)
      fmt::print(stderr, "actabeat: {} documents are of lines that are no records\n", without_records_);
    if (left_out_ > 0)
      head.push_back(fmt::format("{} events are of more hosts than {}: not shown.", left_out_, kHostsMax));
    int status = reports_.empty() ? 1 : 0;
    report::TextOutput output;
    for (auto& [host, one] : reports_) {
      if (by_host_ && !options_.json) output.write(fmt::format("\nHost {}\n", host));
      status = std::max(status, one->report.finish());
      for (const std::string& line : one->report.remarks()) head.push_back(by_host_ ? host + ": " + line : line);
      one->text.copy_to(output);
    }
    if (direct_) {
      for (const std::string& line : std::exchange(head, {})) fmt::print(stderr, "actabeat: {}\n", line);
    }
    if (auto written = output.finish(options_.json ? report::json_remarks(head) : head); !written)
      return tl::unexpected(written.error());
    return status;
  }

 private:
  struct One {
    One(const AureportOptions& options, bool direct)
        : report(options, [this, direct](std::string_view words) {
            direct ? static_cast<void>(std::fwrite(words.data(), 1, words.size(), stdout)) : text.write(words);
          }) {
      report.title();
    }
    report::TextOutput text;
    Aureport report;
  };

  One* made(const std::string& host) {
    return reports_.emplace(host, std::make_unique<One>(options_, direct_)).first->second.get();
  }
  One* find(const std::string& host) {
    if (const auto found = reports_.find(host); found != reports_.end()) return found->second.get();
    if (reports_.size() < kHostsMax) return made(host);
    ++left_out_;
    return nullptr;
  }

  const AureportOptions& options_;
  const bool by_host_;
  const bool direct_;
  std::map<std::string, std::unique_ptr<One>> reports_;
  uint64_t without_records_ = 0;
  uint64_t left_out_ = 0;
};

struct CommandLine {
  report::CommonOptions common;
  AureportOptions report;
};

Result<> check_follow(const CommandLine& line) {
  if (!line.common.follow) return {};
  const bool rows = !line.report.summary && !line.report.kind->columns.empty();
  if (!rows)
    return fail(Errc::config, "--follow goes with the reports that list rows: -l, -au, -e ... without --summary");
  if (line.common.by_host) return fail(Errc::config, "--follow gives one list: --host NAME in place of --by host");
  return {};
}

Result<int> report_documents(const CommandLine& line) {
  const SystemClock clock;
  PosixFs fs;
  report::Wanted wanted{.dataset = "actabeat.audit", .hosts = line.common.hosts};
  if (line.report.period.start != 0) wanted.from = line.report.period.start * kSecond;
  if (line.report.period.end != 0) wanted.to = (line.report.period.end + 1) * kSecond - 1;
  const report::audit::SummaryQuestions asked = report::audit::questions_of(line.report);
  if (line.common.from_elasticsearch) wanted.totals = asked.totals;
  wanted.totals.by_host = line.common.by_host;
  auto source = open_source(fs, line.common, wanted);
  if (!source) return tl::unexpected(source.error());
  report::Reading reading(**source, wanted);
  Reports reports(line.report, line.common.by_host, line.common.follow);
  report::Following following(line.common.follow, clock, [&reports] { reports.settle(); });
  report::Document document;
  std::string file;
  for (;;) {
    const auto more = following.next(reading, document);
    if (!more) return tl::unexpected(more.error());
    if (!file.empty() && (!*more || (*source)->name() != file)) reports.end_of_file(file);
    if (!*more) break;
    file = (*source)->name();
    const report::Group* group = (*source)->group();
    group == nullptr ? reports.add(document) : reports.add_group(document, *group, asked.needs[group->question]);
  }
  return reports.finish(reading.remarks());
}

}  // namespace

int run_aureport(std::vector<std::string> words) {
  CommandLine line;
  report::audit::PeriodWords period_words;
  const auto options = report::audit::aureport_options(line.report, line.common, period_words);
  report::Arguments arguments(std::move(words));
  const auto operands = report::read_arguments(arguments, options);
  if (!operands) return print_error(operands.error());
  if (!operands->empty()) return print_error({Errc::config, 0, "aureport takes no '" + operands->front() + "'"});
  if (line.common.help) {
    fmt::print("actabeat aureport: the reports of aureport(8) over documents.\n\n{}", report::help_text(options));
    return 0;
  }
  if (line.report.kind == nullptr) {
    line.report.kind = &report::audit::report_kinds().front();
    line.report.summary = true;
  }
  if (auto checked = check_follow(line); !checked) return print_error(checked.error());
  if (auto zone = report::use_zone(line.common); !zone) return print_error(zone.error());
  auto period = report::audit::read_period(period_words, SystemClock().realtime() / kSecond);
  if (!period) return print_error(period.error());
  line.report.period = *period;
  line.report.json = line.common.json;
  line.report.whole_logs = !line.common.from_elasticsearch;
  line.report.unordered = line.common.from_elasticsearch && line.report.summary;
  line.report.compat = line.common.compat == 4 ? report::audit::Compat::v4 : report::audit::Compat::v3;
  const auto status = report_documents(line);
  return status ? *status : print_error(status.error());
}

}  // namespace acta
