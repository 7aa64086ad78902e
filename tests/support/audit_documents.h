#pragma once
#include <rapidjson/document.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "processors/audit/decoder.h"
#include "sys/constant_parts.h"
#include "sys/services.h"
#include "sys/user_db.h"

namespace acta::test {

struct AuditRunOptions {
  std::string passwd{}, group{};  ///< files; empty: nobody is known
  std::string host_name = "testhost";
  bool keep_original = false;
  std::string fingerprint{};  ///< of the log; empty: it is no file
  bool explain = false;
  size_t args_bytes_max = 128u << 10;
  std::function<void(Event&)> look{};  ///< called with each event before it becomes a document
};

/// What the audit decoder makes of a log: documents as JSON lines, in the order in which events were finished.
struct AuditDocuments {
  std::vector<std::string> json;
  std::string explained;
  uint64_t duplicates = 0;
  uint64_t records = 0;  ///< in documents, by provenance

  /// The documents parsed. Fails the test when one is no JSON object.
  [[nodiscard]] std::vector<rapidjson::Document> parsed() const;
};

/// Decodes a whole log, lines ended by \n.
AuditDocuments decode_audit(std::string_view log, const AuditRunOptions& options = {});

/// A whole file. Fails the test when it cannot be read.
std::string read_text(const std::string& path);

/// The value at a dotted path with [i] for list items; null when there is none.
const rapidjson::Value* at_path(const rapidjson::Value& document, std::string_view path);
/// The value as text: strings as they are, numbers and booleans in decimal, lists joined by "|", "<none>" when missing.
std::string text_at(const rapidjson::Value& document, std::string_view path);

}  // namespace acta::test
