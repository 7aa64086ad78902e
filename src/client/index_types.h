#pragma once
#include "client/elastic_client.h"

namespace acta {

/// What a server can put into an index, beyond what all of them can.
struct IndexFeatures {
  /// Type wildcard; else keyword. OpenSearch's looks for wildcards of query_string, which is what searches of Lucene's
  /// and Kibana's languages and Sigma rules become, in its n-grams instead of the values, and finds nothing (3.8.0).
  bool wildcard = false;
  bool match_only_text = false;  ///< type match_only_text; else text
  /// Type constant_keyword; else keyword. OpenSearch's answers aggregations with the name of the index.
  bool constant_keyword = false;
  bool flattened = false;  ///< type flattened, that leaves long values alone; OpenSearch's flat_object refuses them
};

/// What a version has by its documentation.
IndexFeatures index_features(ElasticServer::Kind kind, int major, int minor);

/// The same, asked of the server: builds differ in their modules. It simulates index templates, which changes nothing.
/// What the version has not is not asked for. Fails when the server cannot be asked, or keeps us from it.
Result<IndexFeatures> ask_index_features(ElasticClient& client, const ElasticServer& server, Nanos deadline);

}  // namespace acta
