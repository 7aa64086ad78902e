#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "outputs/elasticsearch/fate_rules.h"
#include "outputs/elasticsearch/json_pieces.h"

namespace acta {

/// The URL parameter that keeps of a bulk reply what is read here.
inline constexpr std::string_view kBulkFilterPath =
    "filter_path=items.*._id,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";

/// Who is told of a bulk reply, in the order of the request.
class BulkReplySink {
 public:
  virtual ~BulkReplySink() = default;
  /// The id of the document that the next item must be of; nothing follows when it returns false.
  virtual bool expect(std::string_view id) = 0;
  virtual void item(BulkItem&& item) = 0;
};

/// Reads the reply to a bulk request of creates, of any size, as it comes. Fails when it is not JSON, not such a reply,
/// cut off, or of other documents; what was told before that is not to be believed, either.
Result<> read_bulk_reply(const ReadPiece& read, BulkReplySink& sink);

}  // namespace acta
