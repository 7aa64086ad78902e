#pragma once
#include <string_view>

#include "event/batch.h"
#include "event/raw.h"

namespace acta {

/// A document that somebody else has made, as an input gives it (RawKind::document): it is passed on as it is. Views.
struct FinishedDocument {
  Meta meta{};  ///< but for routes
  std::string_view json{};
  std::string_view refusal{};  ///< why it cannot be passed on: it goes to the dead letters of its input. Else empty
};

/// Adds it to the batch as an item, copied. `head` says where it came from.
void add_document(RawBatch& batch, const RawItem& head, const FinishedDocument& document);

/// What add_document put into an item's bytes: views into them.
FinishedDocument document_of(const RawItem& item);

}  // namespace acta
