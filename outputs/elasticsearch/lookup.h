#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "client/elastic_client.h"

namespace acta {

/// Looks for documents by their ids in all backing indices of a stream. One thread.
///
/// An `_id` is unique within one backing index only: after a rollover, `create` does not see that the one before has
/// it. A search sees all of them, but only what was refreshed, so a refresh comes first.
class Lookup {
 public:
  explicit Lookup(ElasticClient& client) : client_(client) {}

  /// Which of `ids` the stream, alias or index has. One that does not exist has none. Fails when anything of it is not
  /// searchable now.
  Result<std::unordered_set<std::string>> present(std::string_view index, const std::vector<std::string_view>& ids,
                                                  Nanos deadline);

 private:
  Result<bool> refresh(const std::string& index, Nanos deadline);
  Result<> search(const std::string& index, const std::vector<std::string_view>& ids, size_t from, size_t to,
                  std::unordered_set<std::string>& found, Nanos deadline);

  ElasticClient& client_;
};

}  // namespace acta
