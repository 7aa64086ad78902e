#include "report/audit/ausearch.h"

#include <fmt/format.h>
#include <libaudit.h>

#include <ctime>
#include <utility>

#include "report/json_line.h"

namespace acta::report::audit {
namespace {

// Of events that end with a record of auditd itself only that one is shown.
bool is_of_daemon(const AuditEvent& event) {
  const int type = event.records.back().type;
  return type >= AUDIT_DAEMON_START && type < AUDIT_SYSCALL;
}

tm local(int64_t second) {
  const auto time = static_cast<time_t>(second);
  tm parts{};
  ::localtime_r(&time, &parts);
  return parts;
}

std::string formatted(const char* format, const tm& parts) {
  char text[64];
  return {text, ::strftime(text, sizeof text, format, &parts)};
}

}  // namespace

Ausearch::Ausearch(const SearchOptions& options, Sink sink)
    : options_(options),
      sink_(std::move(sink)),
      needs_(options.needs()),
      order_(
          options.compat, [this](const AuditEvent& event) { return options_.period.has(event.second); },
          [this](AuditEvent& event) { shown(event); }, options.end_of_event) {
  using enum SearchOptions::Format;
  if (options.format == interpreted || options.format == csv || options.format == text)
    library_ = std::make_unique<AuditLibrary>(options.escape);
}

void Ausearch::shown(AuditEvent& event) {
  if (done()) return;
  Extracted found;
  if (!extract(event, needs_, found) || !matches(options_, event, found)) return;
  ++found_;
  rebuilt_ += event.rebuilt ? 1 : 0;
  print(event);
}

void Ausearch::print(const AuditEvent& event) {
  switch (options_.format) {
    case SearchOptions::Format::plain:
      return print_plain(event);
    case SearchOptions::Format::raw:
      return print_raw(event);
    case SearchOptions::Format::interpreted:
      return print_interpreted(event);
    case SearchOptions::Format::json:
      return print_json(event);
    case SearchOptions::Format::csv:
      for (const Normalized& one : library_->normalize(event, options_.extra_labels)) print_csv(one);
      return;
    case SearchOptions::Format::text:
      for (const Normalized& one : library_->normalize(event, false)) print_sentence(one);
      return;
  }
}

void Ausearch::print_plain(const AuditEvent& event) {
  std::string text = "----\ntime->" + formatted("%a %b %e %T %Y", local(event.second)) + "\n";
  if (is_of_daemon(event)) {
    text.append(event.records.back().message).append("\n");
  } else {
    for (auto record = event.records.rbegin(); record != event.records.rend(); ++record) {
      text.append(escaped(record->message, options_.escape)).append("\n");
    }
  }
  sink_(text);
}

// Every record of an enriched event ends with the mark of the tail, also where there is none.
void Ausearch::print_raw(const AuditEvent& event) {
  std::string text;
  for (const AuditRecord& record : event.records) {
    text.append(record.message);
    if (event.enriched) text.append("\x1d").append(record.tail);
    text.append("\n");
  }
  sink_(text);
}

void Ausearch::print_interpreted(const AuditEvent& event) {
  std::string text = "----\n";
  const size_t last = event.records.size();
  const size_t first = is_of_daemon(event) ? last - 1 : 0;
  for (size_t i = last; i > first; --i) {
    text += interpreted_record(*library_, event, event.records[i - 1], options_.escape);
  }
  sink_(text);
}

void Ausearch::print_json(const AuditEvent& event) {
  JsonLine object;
  object.text("host", event.host).text("time", fmt::format("{}.{:03}", event.second, event.milli));
  object.number("event", static_cast<int64_t>(event.serial));
  if (event.has_node) object.text("node", event.node);
  std::vector<std::string> types, records;
  for (const AuditRecord& record : event.records) {
    types.push_back(type_word(record.type));
    records.emplace_back(record.message);
  }
  sink_(object.texts("types", types).texts("records", records).line());
}

void Ausearch::print_csv(const Normalized& event) {
  const auto when = [](bool is, std::string_view text) { return is ? text : std::string_view(); };
  std::string text;
  if (!std::exchange(has_header_, true)) {
    text = fmt::format(
        "NODE,EVENT,DATE,TIME,{}SERIAL_NUM,EVENT_KIND,SESSION,SUBJ_PRIME,SUBJ_SEC,SUBJ_KIND,{}ACTION,RESULT,OBJ_PRIME,"
        "OBJ_SEC,{}{}OBJ_KIND,HOW{}\n",
        when(options_.extra_time, "YEAR,MONTH,DAY,WEEKDAY,HOUR,MILLI,GMT_OFFSET,"),
        when(options_.extra_labels, "SUBJ_LABEL,"), when(options_.extra_second, "OBJ2,"),
        when(options_.extra_labels, "OBJ_LABEL,"), when(options_.extra_keys, ",KEY"));
  }
  const tm parts = local(event.second);
  text += event.node + "," + event.type + "," + formatted("%x,%T,", parts);
  if (options_.extra_time) {
    const long offset = std::labs(parts.tm_gmtoff);
    text += formatted("%Y,%m,%d,%u,%k,", parts) + std::to_string(event.milli);
    text += fmt::format(",{}{:02}:{:02},", parts.tm_gmtoff >= 0 ? '+' : '-', offset / 3600, offset % 3600 % 60);
  }
  text += std::to_string(event.serial) + ",";
  if (!event.good) {
    sink_(text + ",,,,,,,,," + (options_.extra_labels ? ",," : "") + (options_.extra_keys ? "," : "") + "\n");
    return;
  }
  text += fmt::format("{},{},{},{},{},", event.kind, event.session, event.subject, event.acting_as, event.subject_kind);
  if (options_.extra_labels) text += event.subject_label + ",";
  const std::string_view result = event.succeeded ? "success" : "failed";
  text += fmt::format("{},{},{},{},", event.action, when(event.has_result, result), event.object, event.object_detail);
  if (options_.extra_second) text += event.second_object + ",";
  if (options_.extra_labels) text += event.object_label + ",";
  text += event.object_kind + "," + event.how;
  if (options_.extra_keys) text += "," + event.key;
  sink_(text + "\n");
}

void Ausearch::print_sentence(const Normalized& event) {
  const std::string time = formatted("%T %x", local(event.second));
  std::string text = event.node.empty() ? "At " + time + " " : "On " + event.node + " at " + time + " ";
  text += event.subject;
  if (event.acts_as_other) text += ", acting as " + event.acting_as + ",";
  text += !event.has_result ? " " : event.succeeded ? " successfully " : " unsuccessfully ";
  text += event.action + " ";
  if (event.has_object) text += event.object_in_text + " ";
  if (event.has_second_object) text += "to " + event.second_object + " ";
  // Sessions end without a means.
  if (!event.how.empty() && event.has_action && !event.action.starts_with('e')) text += "using " + event.how;
  sink_(text + "\n");
}

}  // namespace acta::report::audit
