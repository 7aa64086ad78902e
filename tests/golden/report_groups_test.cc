// What a cluster tells of documents, without a cluster: each document cut to the fields that its group is by.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "report/audit/aureport.h"
#include "report/audit/questions.h"
#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/sanitized.h"
#include "support/shared.h"

namespace acta::test {
namespace {

using report::audit::AuditEvent;
using report::audit::Aureport;
using report::audit::AureportOptions;
using report::audit::Compat;
using report::audit::ReportKind;
using report::audit::Summary;
using report::audit::SummaryQuestions;

// Of a log; the rest of it brings nothing new.
constexpr size_t kLogBytesMax = ACTA_SANITIZED ? 64u << 10 : 2u << 20;

/// A summary as it is printed.
class Told {
 public:
  explicit Told(const AureportOptions& options)
      : report_(options, [this](std::string_view words) { text_ += words; }) {}
  Aureport& report() { return report_; }
  const std::string& finish() {
    report_.finish();
    return text_;
  }

 private:
  std::string text_;
  Aureport report_;
};

void add_whole(Aureport& report, const report::Document& document, const AureportOptions& options) {
  std::vector<AuditEvent> events;
  report::audit::make_events(document, options.compat, options.interpret, events);
  for (AuditEvent& event : events) report.add(std::move(event));
}

void put(rapidjson::Document& object, const std::string& path, const rapidjson::Value& value) {
  const std::string pointer = "/" + [&path] {
    std::string text = path;
    std::ranges::replace(text, '.', '/');
    return text;
  }();
  rapidjson::Pointer(pointer.c_str()).Set(object, value);
}

/// Adds each question's group of this one document; false when it is not counted so.
bool add_groups(Aureport& report, const report::Document& document, const SummaryQuestions& asked,
                const AureportOptions& options) {
  if (!document.has("auditd.records")) return false;
  for (const auto& [field, value] : asked.totals.unlike) {
    if (document.text(field) == value) return false;
  }
  const Nanos time = document.timestamp().value_or(0);
  for (size_t i = 0; i < asked.totals.questions.size(); ++i) {
    rapidjson::Document cut(rapidjson::kObjectType);
    for (const std::string& field : asked.totals.questions[i].fields) {
      if (const auto* value = document.find(field)) put(cut, field, *value);
    }
    report::Document group;
    group.refer(cut);
    const report::Group of{.documents = 1,
                           .first = time,
                           .last = time,
                           .order = static_cast<uint64_t>(document.number("event.sequence").value_or(0)),
                           .question = i};
    std::vector<AuditEvent> events;
    EXPECT_TRUE(report::audit::make_group_events(group, of, asked.needs[i], options.compat, events))
        << document.text("event.id");
    for (const AuditEvent& event : events) report.add_group(event, of, asked.needs[i]);
  }
  return true;
}

struct Counts {
  size_t grouped = 0, all = 0;
};

/// The same summary of documents and of their groups.
void expect_same(std::vector<rapidjson::Document>& documents, const AureportOptions& options, const std::string& what,
                 Counts& counts) {
  const SummaryQuestions asked = report::audit::questions_of(options);
  ASSERT_FALSE(asked.totals.questions.empty()) << what;
  Told whole(options), grouped(options);
  for (const rapidjson::Document& json : documents) {
    report::Document document;
    document.refer(json);
    ++counts.all;
    add_whole(whole.report(), document, options);
    if (add_groups(grouped.report(), document, asked, options)) {
      ++counts.grouped;
    } else {
      add_whole(grouped.report(), document, options);
    }
  }
  EXPECT_EQ(grouped.finish(), whole.finish()) << what;
}

Counts expect_all_same(const std::string& log, const std::string& name) {
  Counts counts;
  auto documents =
      decode_audit(std::string_view(log).substr(0, log.rfind('\n', kLogBytesMax) + 1), {.keep_original = true})
          .parsed();
  for (const ReportKind& kind : report::audit::report_kinds()) {
    if (kind.summary == Summary::none) continue;
    for (const bool interpret : {false, true}) {
      for (const Compat compat : {Compat::v3, Compat::v4}) {
        const AureportOptions options{
            .kind = &kind, .summary = true, .interpret = interpret, .unordered = true, .compat = compat};
        expect_same(documents, options, fmt::format("{}: {} -i {}", name, kind.summary_title, interpret), counts);
      }
    }
  }
  return counts;
}

TEST(ReportGroups, TellWhatTheirDocumentsTell) {
  size_t logs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/golden/cases"))) {
    if (entry.path().extension() != ".log") continue;
    const Counts counts = expect_all_same(read_text(entry.path()), entry.path().filename());
    EXPECT_GT(counts.all, 0u);
    ++logs;
  }
  EXPECT_GE(logs, 10u);
  const Counts counts = expect_all_same(read_text(source_path("config/samples/audit.log")), "audit.log");
  EXPECT_GT(counts.grouped, counts.all * 9 / 10);
}

TEST(ReportGroups, TellWhatTheirDocumentsTellOfOtherLogs) {
  SKIP_WITHOUT_SHARED(shared);
  Counts all;
  for (const std::string& path : audit_corpora(*shared)) {
    const Counts counts = expect_all_same(read_log(path), path);
    all.all += counts.all;
    all.grouped += counts.grouped;
  }
  EXPECT_GT(all.grouped, 0u);
  fmt::print("{} of {} documents are in groups\n", all.grouped, all.all);
}

}  // namespace
}  // namespace acta::test
