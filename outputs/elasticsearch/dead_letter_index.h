#pragma once
#include <string>

#include "client/elastic_client.h"
#include "outputs/elasticsearch/bulk_body.h"
#include "outputs/elasticsearch/bulk_reply.h"
#include "outputs/output.h"

namespace acta {

/// Keeps rejected documents in an index of their own: each as `message`, with `error.message` and its id. One thread.
class DeadLetterIndex {
 public:
  /// `path`: of bulk requests.
  DeadLetterIndex(std::string index, std::string path) : index_(std::move(index)), path_(std::move(path)) {}

  /// Puts the documents of `attempt.reasons` there and marks those as kept that it has. One that could not be put away
  /// now becomes a retry; one that this index rejects too is left to the dead-letter file.
  void keep(ElasticClient& client, Docs docs, Attempt& attempt, Nanos deadline);

 private:
  Result<> send(ElasticClient& client, BulkReplySink& items, Nanos deadline);

  const std::string index_;
  const std::string path_;
  BulkBody body_{Compression::gzip};
  std::string letter_;  // reused
};

}  // namespace acta
