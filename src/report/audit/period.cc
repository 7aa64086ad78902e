#include "report/audit/period.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <optional>
#include <tuple>

#include "base/fs.h"

namespace acta::report::audit {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;
constexpr int64_t kRecent = 10 * 60;
constexpr int kFirstYear = 104;  // 2004: nothing was audited before

tm local(int64_t second) {
  const auto time = static_cast<time_t>(second);
  tm parts{};
  ::localtime_r(&time, &parts);
  return parts;
}

/// The date of `second` at midnight.
tm day_of(int64_t second) {
  tm parts = local(second);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  return parts;
}

Result<int64_t> boot_time(int64_t now) {
  PosixFs fs;
  constexpr size_t kUptimeBytes = 128;
  auto file = fs.open("/proc/uptime", OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  char text[kUptimeBytes];
  const auto count = (*file)->read_at(0, text, sizeof text);
  if (!count) return tl::unexpected(count.error());
  double uptime = 0;
  std::from_chars(text, text + *count, uptime);
  return now - static_cast<int64_t>(uptime + 0.5);
}

/// A word for a moment; none when it is no such word.
Result<std::optional<tm>> word_moment(std::string_view word, int64_t now) {
  if (word == "now") return local(now);
  if (word == "recent") return local(now - kRecent);
  if (word == "boot") {
    const auto time = boot_time(now);
    if (!time) return tl::unexpected(time.error());
    return local(*time);
  }
  tm today = day_of(now);
  if (word == "today") return today;
  if (word == "yesterday") return day_of(now - kDay);
  if (word == "this-week") return day_of(now - today.tm_wday * kDay);
  if (word == "week-ago") return day_of(now - 7 * kDay);
  if (word == "this-month" || word == "this-year") {
    today.tm_mday = 1;
    if (word == "this-year") today.tm_mon = today.tm_isdst = 0;
    return today;
  }
  return std::nullopt;
}

Result<> read_time(std::string_view option, std::string time, tm& parts) {
  if (time.size() <= 5) time += ":00";
  const char* const end = ::strptime(time.c_str(), "%X", &parts);
  if (end != nullptr && *end == '\0') return {};
  return fail(Errc::config, fmt::format("{}: '{}' is no time of day: hour, minute and second are meant", option, time));
}

Result<MomentWords> take_words(Arguments& arguments, std::string_view option) {
  const auto is_value = [&] { return !arguments.done() && !arguments.peek().starts_with('-'); };
  if (!is_value()) return fail(Errc::config, fmt::format("{} needs a date, a time of day, or both", option));
  MomentWords given;
  std::string first = arguments.take();
  const bool first_is_time = first.find(':') != std::string::npos;
  (first_is_time ? given.time : given.date) = std::move(first);
  if (is_value()) (first_is_time ? given.date : given.time) = arguments.take();
  return given;
}

Result<int64_t> moment(const MomentWords& given, std::string_view option, bool is_end, int64_t now) {
  tm parts = local(now);
  if (!given.date.empty()) {
    auto word = word_moment(given.date, now);
    if (!word) return tl::unexpected(word.error());
    if (*word) {
      parts = **word;
      if (is_end && given.date == "today") parts = local(now);
    } else {
      parts = tm{};
      const char* const end = ::strptime(given.date.c_str(), "%x", &parts);
      if (end == nullptr || *end != '\0')
        return fail(Errc::config, fmt::format("{}: '{}' is no date in the form of the locale ({})", option, given.date,
                                              date_and_time(now)));
      parts.tm_isdst = -1;
    }
    if (is_end && !*word && given.time.empty()) {
      const tm clock = local(now);
      parts.tm_hour = clock.tm_hour;
      parts.tm_min = clock.tm_min;
      parts.tm_sec = clock.tm_sec;
    }
  }
  if (!given.time.empty()) {
    if (auto read = read_time(option, given.time, parts); !read) return tl::unexpected(read.error());
  }
  if (parts.tm_year < kFirstYear)
    return fail(Errc::config, fmt::format("{}: the year {} is before all audit logs", option, parts.tm_year + 1900));
  return static_cast<int64_t>(::mktime(&parts));
}

ArgumentOption moment_option(std::vector<std::string> names, std::string help, MomentWords& words) {
  const std::string option = names.front();
  return {.names = std::move(names),
          .value = "[DATE] [TIME]",
          .help = std::move(help),
          .take = [option, &words](Arguments& arguments) -> Result<> {
            auto taken = take_words(arguments, option);
            if (!taken) return tl::unexpected(taken.error());
            words = std::move(*taken);
            return {};
          }};
}

}  // namespace

std::vector<ArgumentOption> period_options(PeriodWords& words) {
  return {moment_option({"-ts", "--start"}, "Events at or after this; words: see ausearch(8)", words.start),
          moment_option({"-te", "--end"}, "Events at or before this", words.end)};
}

Result<Period> read_period(const PeriodWords& words, int64_t now) {
  Period period;
  for (auto [given, is_end, into] :
       {std::tuple(&words.start, false, &period.start), std::tuple(&words.end, true, &period.end)}) {
    if (!given->given()) continue;
    const auto time = moment(*given, is_end ? "-te" : "-ts", is_end, now);
    if (!time) return tl::unexpected(time.error());
    *into = *time;
  }
  return period;
}

std::string date_and_time(int64_t second) {
  const tm parts = local(second);
  char text[64];
  return {text, ::strftime(text, sizeof text, "%x %T", &parts)};
}

}  // namespace acta::report::audit
