#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "config/option.h"
#include "event/format_string.h"

namespace acta {

inline constexpr std::string_view kIndexCompats[] = {"none", "auditd_manager", "auditbeat"};

/// To which data stream, alias or index a document goes: `index`, or `logs-<dataset>-<namespace>`, with the streams
/// that `compat` renames. One thread.
class IndexNames {
 public:
  /// From the keys index, namespace and compat. Fails with the key first.
  static Result<IndexNames> make(const Settings& settings);

  /// The fields of documents that names are made of, beside Meta's own.
  [[nodiscard]] const std::vector<std::string>& fields() const { return format_.fields(); }
  /// The name for a document: always one that servers allow, whatever the document's fields hold. Valid until the next
  /// call.
  std::string_view of(const Meta& meta);

 private:
  explicit IndexNames(FormatString format) : format_(std::move(format)) {}

  FormatString format_;
  std::unordered_map<std::string, std::string> renamed_;  // dataset -> name
  std::string dataset_;                                   // reused
  std::string name_;
};

/// Makes a name that servers allow: lower case, other characters for those that may not be in it, and not too long.
void make_index_name(std::string& name);

/// Where documents go, from the same keys, with a * for what only documents can say: what rights that needs, and where
/// they are to be found again.
std::vector<std::string> index_patterns(const Settings& settings);

}  // namespace acta
