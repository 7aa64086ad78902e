#pragma once
#include <string>
#include <utility>
#include <vector>

namespace acta::report {

/// One question for totals: how many documents there are for each set of values.
struct Question {
  std::vector<std::string> fields{};  ///< a group is the documents that are equal in these; each has one value at most
};

/// What a report asks for in place of documents, where the source can tell it.
struct Totals {
  std::vector<Question> questions{};
  /// Documents that lack one of these fields cannot be counted so: they are given one by one.
  std::vector<std::string> needed{};
  /// The same for those in which a field (the first) has a value (the second).
  std::vector<std::pair<std::string, std::string>> unlike{};
  bool by_host = false;  ///< groups are of one host each
};

}  // namespace acta::report
