#pragma once
#include <string>

#include "report/elastic_source.h"
#include "report/reading.h"

namespace acta::report {

/// What a report asks for in place of documents, told by Elasticsearch or OpenSearch: pages of composite aggregations,
/// which are exact. First a document for each group of each question, with the values that the group is by, its dataset
/// and its earliest time; then the documents that cannot be counted so, and the losses, as they are. Memory: a page.
/// One thread.
class ElasticTotals final : public Source {
 public:
  static constexpr size_t kPageGroups = 10'000;  ///< the most that servers give unless they are told to

  /// Where the indices cannot group by a field, all documents, one by one; said in the log.
  static std::unique_ptr<Source> open(std::unique_ptr<ElasticPoint> point, const Wanted& wanted);
  ElasticTotals(std::unique_ptr<ElasticPoint> point, const Wanted& wanted);

  Result<bool> next(Document& document) override;
  [[nodiscard]] const Group* group() const override { return is_group_ ? &group_ : nullptr; }
  [[nodiscard]] std::string name() const override { return rows_.name(); }
  [[nodiscard]] std::string where() const override { return rows_.where(); }
  [[nodiscard]] const Unread& unread() const override { return rows_.unread(); }

 private:
  Result<> read_page();
  [[nodiscard]] std::string page_request() const;
  Result<> give(const rapidjson::Value& bucket, Document& document);
  void end_question();

  const Wanted wanted_;
  std::vector<Question> questions_;
  const std::string query_;
  ElasticSource rows_;
  size_t question_ = 0;
  std::string after_;  ///< key of the last group, as JSON; empty before the first page of a question
  rapidjson::Document page_;
  rapidjson::SizeType bucket_ = 0;
  bool asked_ = false, ended_ = false;  ///< of the question: a page was read; it was the last
  uint64_t documents_ = 0;              ///< in groups of the question
  uint64_t hits_ = 0;                   ///< documents of the question, as the server counts them
  rapidjson::Document made_;            ///< of the group
  Group group_;
  bool is_group_ = false;
};

}  // namespace acta::report
