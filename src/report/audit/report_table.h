#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/extract.h"
#include "report/audit/words.h"

namespace acta::report::audit {

/// What a report row is made of.
struct RowContext {
  const AuditEvent& event;
  const Extracted& found;
  const TailWords& words;
  bool interpret = false;  ///< -i
};

/// A value of a row. `safe`: printed with control bytes escaped, as the tool does for some and not for others.
struct Cell {
  std::string text{};
  bool safe = false;
};

/// What `--summary` counts, and how the tool prints it.
enum class Summary : uint8_t {
  texts,  ///< as they are
  files,  ///< control bytes escaped
  users,  ///< digits are looked up as ids
  types,  ///< types of first records: numbers, with -i names
  numbers,
  figures,  ///< the main summary
  none
};

/// A report of aureport(8).
struct ReportKind {
  std::vector<std::string> options{};
  std::string_view name;       ///< of JSON objects and the help
  std::string_view title{};    ///< text before the rows
  std::string_view columns{};  ///< names of the cells, after number, date and time
  std::string_view summary_title{};
  uint32_t needs = 0;          ///< beside those of all reports
  uint32_t summary_needs = 0;  ///< what the summary counts, with kNeedCall and kNeedAccount
  Summary summary = Summary::none;
  bool (*takes)(const AuditEvent&, const Extracted&) = nullptr;    ///< whether there is a row
  bool (*counts)(const AuditEvent&, const Extracted&) = nullptr;   ///< in the summary; null: those with a row
  void (*cells)(const RowContext&, std::vector<Cell>&) = nullptr;  ///< of the row; several rows: see access vectors
  void (*values)(const RowContext&, std::vector<std::string>&) = nullptr;  ///< texts that the summary counts
};

/// All of them; the first is the main summary, which has no rows.
std::span<const ReportKind> report_kinds();

/// The rows of -a: one for each access vector of the event.
void access_rows(const RowContext& row, std::vector<std::vector<Cell>>& rows);

/// Shared with the main summary.
bool changes_configuration(const AuditEvent& event);
bool changes_accounts(const AuditEvent& event);

}  // namespace acta::report::audit
