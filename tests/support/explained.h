#pragma once
#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/audit_documents.h"

namespace acta::test {

/// One line of --explain-fields.
struct ExplainedField {
  std::string id;
  size_t record = 0;
  std::string record_type, key;
  size_t occurrence = 0;
  std::string value, path;
};

std::vector<ExplainedField> read_explained(std::string_view lines);

struct ExplainCheck {
  size_t fields = 0;
  std::vector<std::string> problems;
};

/// Checks what --explain-fields says against the documents: each path holds the value of its field (bytes that are not
/// UTF-8 aside), no two fields of a document have one path, and nothing was left out without being said.
ExplainCheck check_explained(const AuditDocuments& documents);

}  // namespace acta::test
