#include "outputs/elasticsearch/fate_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace acta {
namespace {

constexpr size_t kReasonBytesMax = 1000;
constexpr int kConflict = 409;
constexpr int kTooMany = 429;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

// The document's own faults, by the name of the error. Their meaning: RestStatus 400, raised while the document is
// parsed (Elasticsearch: DocumentParsingException, StrictDynamicMappingException; OpenSearch: MapperParsingException).
constexpr std::array<std::string_view, 3> kRejected = {"document_parsing_exception", "mapper_parsing_exception",
                                                       "strict_dynamic_mapping_exception"};

// illegal_argument_exception is said of anything: an alias without write index and a missing pipeline, too, which
// somebody will put right. These are its texts that speak of a field, the id or the size of the document.
constexpr std::array<std::string_view, 11> kOfTheDocument = {
    "immense term in field",     // longer than Lucene's 32766 bytes
    "mapper [",                  // cannot be changed from type [long] to [keyword]
    "can't merge a non object",  // … mapping [a.b] with an object mapping
    "object mapping [",          // cannot be changed to nested
    "object mapping for [",      // tried to parse field [a] as object, but found a concrete value
    "failed to parse field [",   //
    "field [",                   // … of an ingest processor: field [x] not present
    "field name",                // cannot be an empty string, contains only whitespace
    "document id",               //
    "document is too large",     //
    "document size",             //
};

bool is_of_the_document(std::string_view reason) {
  if (reason.starts_with("id [") || reason.starts_with("id is too long")) return true;
  return std::any_of(kOfTheDocument.begin(), kOfTheDocument.end(),
                     [&](std::string_view words) { return reason.find(words) != std::string_view::npos; });
}

std::string_view advice_for(const BulkItem& item) {
  if (item.type == "cluster_block_exception") {
    return "; the index takes no documents now: look at its blocks, and at the disk space of the cluster";
  }
  if (item.status == kUnauthorized || item.status == kForbidden) {
    return "; give the user or the API key the privileges create_doc and auto_configure on this index";
  }
  if (item.status == kNotFound || item.type == "index_closed_exception") {
    return "; make the index, open it, or run actabeat setup";
  }
  if (item.type == "validation_exception" && item.reason.find("shards open") != std::string::npos) {
    return "; the cluster has too many shards: remove indices, or raise cluster.max_shards_per_node";
  }
  return {};
}

}  // namespace

Fate fate_of(const BulkItem& item) {
  constexpr int kGoodFrom = 200;
  constexpr int kGoodTo = 300;
  constexpr int kClientFrom = 400;
  constexpr int kClientTo = 500;
  if (item.type.empty() && item.status >= kGoodFrom && item.status < kGoodTo) return Fate::accepted;
  if (item.status == kConflict && (item.type.empty() || item.type == "version_conflict_engine_exception"))
    return Fate::accepted;
  if (item.status < kClientFrom || item.status >= kClientTo || item.status == kTooMany) return Fate::retry;
  if (std::find(kRejected.begin(), kRejected.end(), item.type) != kRejected.end()) return Fate::rejected;
  if (item.type == "illegal_argument_exception" && is_of_the_document(item.reason)) return Fate::rejected;
  return Fate::retry;
}

bool surely_refused(int status) {
  constexpr int kClientFrom = 400;
  constexpr int kClientTo = 500;
  constexpr int kRequestTimeout = 408;
  return status >= kClientFrom && status < kClientTo && status != kRequestTimeout;
}

std::string reason_of(const BulkItem& item) {
  std::string text = item.type.empty() ? fmt::format("HTTP {}", item.status) : item.type;
  if (!item.reason.empty()) text.append(": ").append(item.reason);
  if (!item.cause.empty() && item.cause != item.reason) text.append(": ").append(item.cause);
  if (text.size() > kReasonBytesMax) {
    text.resize(kReasonBytesMax);
    text += "…";
  }
  return text.append(advice_for(item));
}

}  // namespace acta
