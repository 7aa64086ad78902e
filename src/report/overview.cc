#include "report/overview.h"

#include <algorithm>
#include <charconv>

#include "report/html/text.h"
#include "report/print.h"

namespace acta::report {
namespace {

constexpr size_t kShown = 25, kListed = 100;
constexpr const char* kSections[] = {"Authentications", "Anomalies", "Accounts and configuration", "Users", "Programs",
                                     "Files and keys",  "Network"};

std::string note_of(uint64_t shown, uint64_t all, std::string_view which) {
  if (shown >= all) return {};
  return print("The %s %lu of %s.", std::string(which).c_str(), static_cast<unsigned long>(shown),
               html::grouped(all).c_str());
}

// Seconds since 1970, with or without milliseconds, as a moment.
std::string moment_of(const std::string& seconds) {
  int64_t second = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), second);
  return second == 0 ? "" : moment_text(second * kSecond);
}

audit::AulastOptions aulast_options(bool bad) {
  audit::AulastOptions options;
  options.json = true;
  options.bad = bad;
  return options;
}

accounting::SaOptions sa_options(bool users) {
  accounting::SaOptions options;
  options.json = true;
  options.users = users;
  return options;
}

JsonTable::Keep keep_of(bool summary) {
  return summary ? JsonTable::Keep::first : JsonTable::Keep::last;
}

}  // namespace

struct Overview::Part {
  Part(const audit::AureportOptions& options, std::string_view in, std::string_view what, size_t most)
      : section(in),
        title(what),
        summary(options.summary),
        rows(summary ? 1 : 2, keep_of(summary), most),
        kind(options.kind),
        report(options, [this](std::string_view text) { rows.take(text); }) {}
  std::string section, title;
  bool summary;
  JsonTable rows;
  const audit::ReportKind* kind;
  audit::Aureport report;
};

Overview::Overview(audit::Compat compat)
    : compat_(compat),
      logins_options_(aulast_options(false)),
      bad_options_(aulast_options(true)),
      logins_rows_(0, JsonTable::Keep::last, kListed),
      bad_rows_(0, JsonTable::Keep::last, kListed),
      guests_rows_(0, JsonTable::Keep::last, kListed),
      logins_(logins_options_, [this](std::string_view text) { logins_rows_.take(text); }),
      bad_(bad_options_, [this](std::string_view text) { bad_rows_.take(text); }),
      guests_(guests_options_, [this](std::string_view text) { guests_rows_.take(text); }),
      commands_options_(sa_options(false)),
      users_options_(sa_options(true)),
      commands_rows_(0, JsonTable::Keep::first, kShown + 1),
      users_rows_(0, JsonTable::Keep::first, kShown + 1),
      commands_(commands_options_, [this](std::string_view text) { commands_rows_.take(text); }),
      users_(users_options_, [this](std::string_view text) { users_rows_.take(text); }) {
  guests_options_.json = guests_options_.all_events = true;
  order_ = std::make_unique<audit::EventOrder>(
      compat,
      [this](const audit::AuditEvent& event) {
        for (const auto& each : parts_) each->report.arrived(event);
        return true;
      },
      [this](audit::AuditEvent& event) {
        for (const auto& each : parts_) each->report.shown(event);
        logins_.add(event);
        bad_.add(event);
        guests_.add(event);
      },
      audit::EventOrder::kEndOfEvent);
  make_parts();
}

Overview::~Overview() = default;

Overview::Part& Overview::part(std::string_view option, bool summary, std::string_view title, size_t most) {
  audit::AureportOptions options;
  const auto kinds = audit::report_kinds();
  const auto found = std::ranges::find_if(kinds, [&](const audit::ReportKind& kind) {
    return std::ranges::find(kind.options, option) != kind.options.end();
  });
  options.kind = found == kinds.end() ? &kinds.front() : &*found;
  options.summary = summary;
  options.interpret = options.json = true;
  options.compat = compat_;
  return *parts_.emplace_back(std::make_unique<Part>(options, section_, title, most));
}

void Overview::make_parts() {
  section_ = "";
  part("", true, "Figures", 1);
  part("-e", true, "Types of events", kShown);
  section_ = kSections[0];
  part("-au", true, "By account", kShown);
  part("-au", false, "The last ones", kShown);
  section_ = kSections[1];
  part("-n", true, "By type", kShown);
  part("-n", false, "The last ones", kShown);
  section_ = kSections[2];
  part("-m", false, "Changes to accounts, groups and roles", kShown);
  part("-c", true, "Changes in configuration, by type", kShown);
  section_ = kSections[3];
  part("-u", true, "Events by user", kShown);
  part("-tm", true, "Events by terminal", kShown);
  section_ = kSections[4];
  part("-x", true, "Events by program", kShown);
  part("-s", true, "Events by system call", kShown);
  section_ = kSections[5];
  part("-f", true, "Events by file", kShown);
  part("-k", true, "Events by rule key", kShown);
  section_ = kSections[6];
  part("-h", true, "Events by remote host", kShown);
}

void Overview::add(const Document& document) {
  document.dataset() == "actabeat.accounting" ? add_process(document) : add_event(document);
}

void Overview::add_event(const Document& document) {
  std::vector<audit::AuditEvent> events;
  if (!audit::make_events(document, compat_, true, events)) {
    ++unread_;
    return;
  }
  activity_.add(Activity::What::event, document.timestamp().value_or(0), document.host());
  for (audit::AuditEvent& event : events) order_->add(std::move(event));
}

void Overview::add_process(const Document& document) {
  accounting::Process process;
  if (!accounting::read_process(document, process)) {
    ++unread_;
    return;
  }
  activity_.add(Activity::What::process, document.timestamp().value_or(0), process.host);
  commands_.add(process);
  users_.add(process);
  if (last_.size() >= kShown) last_.pop_back();
  last_.push_front({moment_text(process.begin * kSecond), process.host, process.user, process.command, process.tty,
                    print("%.2f", (process.user_ticks + process.system_ticks) / process.ahz)});
}

std::string Overview::finish(const std::vector<std::string>& remarks, const std::string& subtitle) {
  html::Page page("Report of audit and process accounting", activity_.period() + subtitle);
  for (const std::string& remark : remarks) page.warning(remark);
  if (unread_ > 0) page.warning(html::grouped(unread_) + " documents have no record and are not counted.");
  order_->flush();
  logins_.finish();
  bad_.finish();
  guests_.finish();
  commands_.finish();
  users_.finish();
  for (const auto& each : parts_) {
    each->report.finish();
    for (const std::string& remark : each->report.remarks()) page.warning(each->title + ": " + remark);
  }
  show_summary(page);
  if (activity_.count(Activity::What::event) > 0) {
    show_logins(page);
    for (const char* section : kSections) show_parts(page, section);
  }
  if (activity_.count(Activity::What::process) > 0) show_processes(page);
  return page.finish();
}

void Overview::show_summary(html::Page& page) {
  page.section("Summary");
  page.chart(activity_.chart());
  page.table(activity_.hosts());
  const JsonTable& figures = parts_.front()->rows;
  if (activity_.count(Activity::What::event) == 0 || figures.rows().empty()) return;
  std::vector<std::pair<std::string, std::string>> shown;
  for (size_t i = 2; i < figures.names().size(); ++i)  // behind the first and the last stamp
    shown.emplace_back(figures.names()[i], figures.rows().front()[i]);
  page.figures(shown);
  page.section("Event types");
  html::Table types{.columns = {"Events", "Type of the first record"}, .bars = 0};
  for (const auto& row : parts_[1]->rows.rows()) types.rows.push_back(row);
  types.note = note_of(types.rows.size(), parts_[1]->rows.count(), "first");
  page.table(types);
}

void Overview::show_logins(html::Page& page) {
  page.section("Logins");
  const auto table_of = [](const JsonTable& rows, std::string_view which) {
    html::Table table{.columns = {"Host", "User", "Terminal", "From", "Begin", "End", "State"}};
    for (const auto& row : rows.rows()) {
      const bool ended = row.size() > 10;  // objects of what is open have no end
      table.rows.push_back(
          {row[0], row[1], row[2], row[3], moment_of(row[4]), ended ? moment_of(row[5]) : "", row[ended ? 6 : 5]});
    }
    table.note = note_of(table.rows.size(), rows.count(), which);
    return table;
  };
  page.table(table_of(logins_rows_, "last"));
  page.section("Failed logins");
  page.table(table_of(bad_rows_, "last"));
  page.section("Virtual machines");
  html::Table guests{.columns = {"What", "Host", "Guest", "UUID", "User", "Begin", "End or state"}};
  for (const auto& row : guests_rows_.rows()) {
    const bool ended = row.size() > 6 && row[6] != "yes" && row[6] != "no";
    const std::string state = ended ? moment_of(row[6]) : row[6] == "no" ? "failed" : "";
    guests.rows.push_back({row[0], row[1], row[2], row[3], row[4], moment_of(row[5]), state});
  }
  guests.note = note_of(guests.rows.size(), guests_rows_.count(), "last");
  page.table(guests);
}

void Overview::show_parts(html::Page& page, std::string_view section) {
  page.section(section);
  for (const auto& each : parts_) {
    if (each->section != section) continue;
    page.paragraph(each->title);
    html::Table table;
    if (each->summary) {
      table = {.columns = {"Events", "Of"}, .bars = 0};
      for (const auto& row : each->rows.rows()) table.rows.push_back(row);
    } else {
      table.columns = {"Time"};
      std::string_view names = each->kind->columns;
      while (!names.empty()) {
        const std::string_view name = names.substr(0, names.find(' '));
        table.columns.emplace_back(name);
        names.remove_prefix(std::min(names.size(), name.size() + 1));
      }
      for (std::vector<std::string> row : each->rows.rows()) {
        if (!row.empty()) row[0] = moment_of(row[0]);
        table.rows.push_back(std::move(row));
      }
    }
    table.note = note_of(table.rows.size(), each->rows.count(), each->summary ? "first" : "last");
    page.table(table);
  }
}

void Overview::show_processes(html::Page& page) {
  const auto table_of = [](const JsonTable& rows, bool users) {
    html::Table table{.columns = {users ? "User" : "Command", "Calls", "Elapsed s", "User CPU s", "System CPU s"},
                      .bars = 3};
    for (const auto& row : rows.rows()) {
      const bool total = table.rows.empty();
      const size_t at = users || total ? 1 : 2;  // behind the name, and whether it only forked
      const bool forked = at == 2 && row[1] == "yes";
      table.rows.push_back(
          {total ? "All" : row[0] + (forked ? "*" : ""), row[at], row[at + 1], row[at + 2], row[at + 3]});
    }
    table.note = note_of(table.rows.size() - 1, rows.count() - 1, "first");
    return table;
  };
  page.section("Processes by command");
  if (commands_rows_.rows().empty()) {
    page.paragraph("No command was called twice.");
  } else {
    page.table(table_of(commands_rows_, false));
  }
  page.section("Processes by user");
  page.table(table_of(users_rows_, true));
  page.section("Last processes");
  html::Table last{.columns = {"Begin", "Host", "User", "Command", "Terminal", "CPU s"}};
  last.rows.assign(last_.begin(), last_.end());
  last.note = note_of(last.rows.size(), activity_.count(Activity::What::process), "last");
  page.table(last);
}

}  // namespace acta::report
