#pragma once
#include <memory>
#include <string>
#include <vector>

#include "client/elastic_client.h"
#include "report/reading.h"
#include "report/source.h"

namespace acta::report {

/// Documents of Elasticsearch or OpenSearch, by time: pages of a point in time, so that what is written meanwhile
/// changes nothing. Only what is wanted travels. An answer that a part of the cluster did not give to is counted as
/// unread. Memory: a page. One thread.
class ElasticSource final : public Source {
 public:
  static constexpr size_t kPageDocuments = 2000;
  static constexpr Nanos kTimeout = 120 * kSecond;  ///< of a page
  static constexpr const char* kKeepAlive = "5m";   ///< of the point in time, from page to page

  /// Asks who is there and fixes the point in time. `indices`: names or patterns, joined by commas. `clock` must
  /// outlive it.
  static Result<std::unique_ptr<ElasticSource>> open(ElasticSettings settings, std::string indices,
                                                     const Wanted& wanted, const Clock& clock, Fs& fs);
  ~ElasticSource() override;
  ElasticSource(const ElasticSource&) = delete;
  ElasticSource& operator=(const ElasticSource&) = delete;

  Result<bool> next(Document& document) override;
  [[nodiscard]] std::string name() const override { return indices_; }
  [[nodiscard]] std::string where() const override;
  [[nodiscard]] const Unread& unread() const override { return unread_; }

 private:
  ElasticSource(ElasticSettings settings, std::string indices, const Wanted& wanted, const Clock& clock, Fs& fs);
  Result<std::string> ask(std::string_view method, const std::string& path, const std::string& body);
  Result<> check_indices();
  Result<> open_point();
  Result<> read_page();
  [[nodiscard]] std::string page_request() const;
  void note_partial();

  const Clock& clock_;
  ElasticClient client_;
  const std::string indices_;
  const Wanted wanted_;
  bool opensearch_ = false;
  std::string point_;  ///< id of the point in time
  std::string after_;  ///< sort values of the last hit, as JSON; empty before the first page
  std::string text_;   ///< of the page: its documents refer to it
  rapidjson::Document page_;
  rapidjson::SizeType hit_ = 0;
  uint64_t given_ = 0;
  bool ended_ = false;
  Unread unread_;
};

}  // namespace acta::report
