#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "report/common_options.h"
#include "report/json_line.h"
#include "report/text_output.h"

namespace acta {

/// One report for all documents, or with --by host one for each host. `Report` is made with a function that takes its
/// text, and has finish(). One thread.
template <class Report>
class HostReports {
 public:
  /// More hosts are not told apart: what is of them is counted, and said.
  static constexpr size_t kHostsMax = 500;
  using Write = std::function<void(std::string_view)>;
  using Make = std::function<std::unique_ptr<Report>(Write)>;

  HostReports(const report::CommonOptions& options, Make make) : options_(options), make_(std::move(make)) {
    if (!options.by_host) made("");
  }

  /// The report that is about a host; null when there are too many.
  Report* of(const std::string& host) {
    const auto found = reports_.find(options_.by_host ? host : std::string());
    if (found != reports_.end()) return found->second->report.get();
    if (reports_.size() < kHostsMax) return made(host);
    ++left_out_;
    return nullptr;
  }

  /// Ends and prints all of them, after the remarks.
  Result<> finish(std::vector<std::string> remarks) {
    if (left_out_ > 0)
      remarks.push_back(std::to_string(left_out_) + " records are of more hosts than " + std::to_string(kHostsMax) +
                        ": not shown.");
    if (options_.json) remarks = report::json_remarks(remarks);
    report::TextOutput output;
    for (auto& [host, one] : reports_) {
      if (options_.by_host && options_.json) output.write(report::JsonLine().text("host", host).line());
      if (options_.by_host && !options_.json) output.write("\nHost " + host + "\n");
      one->report->finish();
      one->text.copy_to(output);
    }
    return output.finish(remarks);
  }

 private:
  struct One {
    report::TextOutput text;
    std::unique_ptr<Report> report;
  };
  Report* made(const std::string& host) {
    std::unique_ptr<One>& one = reports_[host];
    one = std::make_unique<One>();
    one->report = make_([text = &one->text](std::string_view line) { text->write(line); });
    return one->report.get();
  }

  const report::CommonOptions& options_;
  const Make make_;
  std::map<std::string, std::unique_ptr<One>> reports_;
  uint64_t left_out_ = 0;
};

}  // namespace acta
