#include "report/html/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "report/html/style.h"
#include "report/html/text.h"

namespace acta::report::html {
namespace {

constexpr size_t kLong = 48;  // bytes of a cell that is broken anywhere
constexpr double kChartWidth = 600, kChartHeight = 100;

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::count(text, '.') < 2 &&  // no address
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == ','; });
}

double number_of(std::string_view text) {
  std::string digits(text);
  std::erase(digits, ',');
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string bar(double share) {
  return fmt::format(R"(<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="presentation">)"
                     R"(<rect class="s0" width="{:.1f}" height="10"/></svg>)",
                     100 * share);
}

}  // namespace

Page::Page(std::string_view title, std::string_view subtitle) {
  head_ = fmt::format(
      R"(<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="referrer" content="no-referrer"/>
<title>{}</title>
<style>{}</style>
</head>
<body>
<h1>{}</h1>
<p class="soft">{}</p>
)",
      text(title), kStyle, text(title), text(subtitle));
}

void Page::end_section() {
  if (sections_ > 0) body_ += "</section>\n";
}

void Page::section(std::string_view title) {
  end_section();
  ++sections_;
  contents_ += fmt::format("<a href=\"#s{}\">{}</a>\n", sections_, text(title));
  body_ += fmt::format("<section id=\"s{}\">\n<h2>{}</h2>\n", sections_, text(title));
}

void Page::paragraph(std::string_view words) {
  body_ += "<p>" + text(words) + "</p>\n";
}

void Page::warning(std::string_view words) {
  (sections_ == 0 ? head_ : body_) += "<p class=\"warning\" role=\"alert\">" + text(words) + "</p>\n";
}

void Page::figures(const std::vector<std::pair<std::string, std::string>>& figures) {
  body_ += "<dl>\n";
  for (const auto& [name, value] : figures)
    body_ += "<div><dt>" + text(name) + "</dt><dd>" + text(value) + "</dd></div>\n";
  body_ += "</dl>\n";
}

void Page::table(const Table& table) {
  if (table.rows.empty()) return paragraph("None.");
  double most = 0;
  for (const auto& row : table.rows) {
    if (table.bars < row.size()) most = std::max(most, number_of(row[table.bars]));
  }
  body_ += "<div class=\"wide\"><table>\n<thead><tr>";
  for (const std::string& column : table.columns) body_ += "<th scope=\"col\">" + text(column) + "</th>";
  body_ += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const bool is_long = row[i].size() > kLong;
      body_ += is_number(row[i]) ? "<td class=\"n\">" : is_long ? "<td class=\"l\">" : "<td>";
      body_ += text(row[i]);
      if (i == table.bars) body_ += bar(most > 0 ? number_of(row[i]) / most : 0);
      body_ += "</td>";
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
  if (!table.note.empty()) body_ += "<p class=\"soft\">" + text(table.note) + "</p>\n";
}

void Page::chart(const Chart& chart) {
  const size_t count = chart.series.empty() ? 0 : chart.series.front().second.size();
  if (count == 0) return;
  std::vector<uint64_t> sums(count);
  for (const auto& [name, values] : chart.series) {
    for (size_t i = 0; i < count; ++i) sums[i] += values[i];
  }
  const auto most = static_cast<double>(std::max<uint64_t>(1, *std::ranges::max_element(sums)));
  const double step = kChartWidth / static_cast<double>(count);
  std::string bars;
  std::vector<double> below(count);
  for (size_t s = 0; s < chart.series.size(); ++s) {
    for (size_t i = 0; i < count; ++i) {
      const double height = kChartHeight * static_cast<double>(chart.series[s].second[i]) / most;
      if (height == 0) continue;
      below[i] += height;
      bars += fmt::format("<rect class=\"s{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", s % 2,
                          static_cast<double>(i) * step, kChartHeight - below[i], step * 0.9, height);
    }
  }
  std::string keys;
  for (size_t s = 0; s < chart.series.size(); ++s)
    keys += fmt::format("<span><b class=\"k{}\">&#9632;</b> {}</span>", s % 2, text(chart.series[s].first));
  body_ += fmt::format(
      "<figure><svg class=\"chart\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\">"
      "<title>{}</title>{}</svg>\n<figcaption><span>{}</span>{}<span>highest: {}</span><span>{}</span></figcaption>"
      "</figure>\n",
      kChartWidth, kChartHeight, text(chart.title), bars, text(chart.first), keys,
      grouped(*std::ranges::max_element(sums)), text(chart.last));
}

std::string Page::finish() {
  end_section();
  return head_ + "<nav aria-label=\"Contents\">\n" + contents_ + "</nav>\n<main>\n" + body_ +
         "</main>\n</body>\n</html>\n";
}

}  // namespace acta::report::html
