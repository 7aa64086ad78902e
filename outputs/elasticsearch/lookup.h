#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "client/elastic_client.h"
#include "outputs/elasticsearch/request_name.h"

namespace acta {

/// Looks for documents by their ids in all backing indices of a stream. One thread.
///
/// An `_id` is unique within one backing index only: after a rollover, `create` does not see that the one before has
/// it. A search sees all of them, but only what was refreshed, so a refresh comes first.
class Lookup {
 public:
  Lookup(ElasticClient& client, RequestName name) : client_(client), name_(std::move(name)) {}

  /// Whether the server is still at work on a bulk request of this output or of an earlier run: what it will have
  /// created is not found yet. A server that does not tell (no `monitor` right) is taken to be done.
  Result<bool> at_work(Nanos deadline);

  /// Which of `ids` the stream, alias or index has. One that does not exist has none. Fails when anything of it is not
  /// searchable now.
  Result<std::unordered_set<std::string>> present(std::string_view index, const std::vector<std::string_view>& ids,
                                                  Nanos deadline);

 private:
  Result<bool> refresh(const std::string& index, Nanos deadline);
  Result<> search(const std::string& index, const std::vector<std::string_view>& ids, size_t from, size_t to,
                  std::unordered_set<std::string>& found, Nanos deadline);

  ElasticClient& client_;
  const RequestName name_;
};

}  // namespace acta
