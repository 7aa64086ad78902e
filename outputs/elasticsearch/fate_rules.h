#pragma once
#include <string>
#include <string_view>

#include "outputs/output.h"

namespace acta {

/// What the server said of one document in a bulk reply.
struct BulkItem {
  int status = 0;
  std::string type{};    ///< of the error: "document_parsing_exception"; empty when there is none
  std::string reason{};  ///< the server's words
  std::string cause{};   ///< reason of the inner error, if there is one
};

/// The fate of a document, by the item of a bulk reply. Accepted: created now (201) or before (409). Rejected are only
/// errors of the document itself; everything else, and everything unknown, is a retry.
Fate fate_of(const BulkItem& item);

/// The server did not take the document, for sure: a later attempt need not look for it.
bool surely_refused(int status);

/// "document_parsing_exception: failed to parse field [x] …: For input string: …", bounded, with what to do about it.
std::string reason_of(const BulkItem& item);

}  // namespace acta
