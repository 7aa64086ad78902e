#pragma once
#include <optional>
#include <string>
#include <vector>

#include "report/audit/extract.h"
#include "report/audit/order.h"
#include "report/audit/period.h"
#include "report/audit/words.h"
#include "report/common_options.h"

namespace acta::report::audit {

/// A user or a group that is searched for: by number, or by the name that a document gives it.
struct WantedId {
  uint32_t id = 0;
  std::string name{};
};

/// What ausearch(8) is asked for.
struct SearchOptions {
  enum class Format : uint8_t { plain, raw, interpreted, csv, text, json };

  std::optional<uint64_t> serial{};
  std::optional<WantedId> user{}, effective_user{}, login{}, group{}, effective_group{};
  bool any_user = false, any_group = false;  ///< -ua, -ga: one of them is enough
  std::optional<uint32_t> pid{}, parent{}, session{};
  std::optional<int64_t> exit{};
  std::optional<int> syscall{}, machine{}, success{};
  std::vector<int> types{};
  std::vector<std::string> nodes{};
  std::optional<std::string> file{}, host{}, terminal{}, exe{}, command{}, key{}, uuid{}, guest{}, subject{}, object{};
  bool any_context = false;  ///< -se
  bool whole_words = false;  ///< -w
  bool just_one = false;
  bool extra_time = false, extra_keys = false, extra_labels = false, extra_second = false;
  Format format = Format::plain;
  Escape escape = Escape::tty;
  Period period{};
  Compat compat = Compat::v3;
  int64_t end_of_event = EventOrder::kEndOfEvent;

  /// Need of the search.
  [[nodiscard]] uint32_t needs() const;
};

/// The options of ausearch(8) and ours. All three must outlive the table.
std::vector<ArgumentOption> search_options(SearchOptions& options, CommonOptions& common, PeriodWords& period);

/// Fails when options do not go together.
Result<> check_search(const SearchOptions& options);

/// Whether an event that extract() took is what is searched for.
bool matches(const SearchOptions& options, const AuditEvent& event, const Extracted& found);

}  // namespace acta::report::audit
