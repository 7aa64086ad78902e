#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace acta::report::html {

/// A table. Cells are text as it comes: the page escapes it.
struct Table {
  std::vector<std::string> columns{};
  std::vector<std::vector<std::string>> rows{};
  /// Column whose numbers get a bar beside them; none: SIZE_MAX.
  size_t bars = SIZE_MAX;
  std::string note{};  ///< below it: what is not shown
};

/// Numbers over time, as bars: one list for each series, all of the same length.
struct Chart {
  std::string title{};
  std::vector<std::pair<std::string, std::vector<uint64_t>>> series{};
  std::string first{}, last{};  ///< moments at both ends
};

/// One self-contained HTML document, well-formed as XML too: no script, no request to anywhere, readable on a phone, in
/// the dark and on paper. A value.
class Page {
 public:
  Page(std::string_view title, std::string_view subtitle);

  /// Begins a part, which the list of contents names.
  void section(std::string_view title);
  void paragraph(std::string_view text);
  /// Something that has to be seen: losses, figures that may be wrong.
  void warning(std::string_view text);
  /// Numbers with a name each.
  void figures(const std::vector<std::pair<std::string, std::string>>& figures);
  void table(const Table& table);
  void chart(const Chart& chart);

  /// The document. Nothing may be added after.
  std::string finish();

 private:
  void end_section();

  std::string head_;
  std::string contents_;
  std::string body_;
  size_t sections_ = 0;
};

}  // namespace acta::report::html
