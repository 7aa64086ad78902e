#pragma once
#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

#include "client/elastic_client.h"
#include "report/source.h"

namespace acta::report {

/// A point in time of Elasticsearch or OpenSearch, so that what is written meanwhile changes nothing from one request
/// to the next. An answer that a part of the cluster did not give to is counted as unread. One thread.
class ElasticPoint {
 public:
  static constexpr Nanos kTimeout = 120 * kSecond;  ///< of a request
  static constexpr const char* kKeepAlive = "5m";   ///< of the point in time, from request to request

  /// Asks who is there and fixes the point in time. `indices`: names or patterns, joined by commas. `clock` must
  /// outlive it.
  static Result<std::unique_ptr<ElasticPoint>> open(ElasticSettings settings, std::string indices, const Clock& clock,
                                                    Fs& fs);
  ~ElasticPoint();
  ElasticPoint(const ElasticPoint&) = delete;
  ElasticPoint& operator=(const ElasticPoint&) = delete;

  /// Searches by a body, given as the members of its JSON object: "\"size\":0". The answer into `answer`, which refers
  /// to memory of the point until the next search.
  Result<> search(const std::string& members, rapidjson::Document& answer);

  /// The first of the fields that the indices cannot group by (text of an index that was made without templates, …);
  /// empty when there is none.
  Result<std::string> not_grouped(const std::vector<std::string>& fields);

  [[nodiscard]] const std::string& indices() const { return indices_; }
  /// "https://es1:9200/logs-*".
  [[nodiscard]] std::string where() const { return client_.host() + "/" + indices_; }
  [[nodiscard]] const std::string& host() const { return client_.host(); }
  [[nodiscard]] const Unread& unread() const { return unread_; }
  /// Something that is no document was among the answers.
  void note_line(const std::string& what);

 private:
  ElasticPoint(ElasticSettings settings, std::string indices, const Clock& clock, Fs& fs);
  Result<std::string> ask(std::string_view method, const std::string& path, const std::string& body);
  Result<> check_indices();
  Result<> fix();
  void note_partial(const rapidjson::Document& answer);

  const Clock& clock_;
  ElasticClient client_;
  const std::string indices_;
  bool opensearch_ = false;
  std::string point_;  ///< its id
  std::string text_;   ///< of the answer: its texts are there
  Unread unread_;
};

}  // namespace acta::report
