#pragma once
#include <memory>
#include <string>

#include "report/elastic_point.h"

namespace acta::report {

/// Documents of Elasticsearch or OpenSearch, by time: pages of a point in time. Memory: a page. One thread.
class ElasticSource final : public Source {
 public:
  static constexpr size_t kPageDocuments = 2000;

  /// `query` as JSON.
  ElasticSource(std::unique_ptr<ElasticPoint> point, std::string query)
      : point_(std::move(point)), query_(std::move(query)) {}

  Result<bool> next(Document& document) override;
  [[nodiscard]] std::string name() const override { return point_->indices(); }
  [[nodiscard]] std::string where() const override;
  [[nodiscard]] const Unread& unread() const override { return point_->unread(); }

  [[nodiscard]] ElasticPoint& point() { return *point_; }

 private:
  Result<> read_page();

  const std::unique_ptr<ElasticPoint> point_;
  const std::string query_;
  std::string after_;  ///< sort values of the last hit, as JSON; empty before the first page
  rapidjson::Document page_;
  rapidjson::SizeType hit_ = 0;
  uint64_t given_ = 0;
  bool ended_ = false;
};

}  // namespace acta::report
