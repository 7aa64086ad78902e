#include "report/elastic_source.h"

#include <fmt/format.h>

#include "report/elastic_query.h"

namespace acta::report {
namespace {

// By time, then as the kernel numbers events; the id last, so that no two are equal.
constexpr std::string_view kSort =
    R"([{"@timestamp":{"order":"asc","unmapped_type":"date"}},{"event.sequence":{"order":"asc","unmapped_type":"long",)"
    R"("missing":"_first"}},{"event.id":{"order":"asc","unmapped_type":"keyword"}}])";

}  // namespace

Result<> ElasticSource::read_page() {
  const std::string members =
      fmt::format(R"("size":{},"track_total_hits":false,"sort":{},{}"query":{})", kPageDocuments, kSort,
                  after_.empty() ? "" : "\"search_after\":" + after_ + ",", query_);
  if (auto searched = point_->search(members, page_); !searched) return searched;
  const rapidjson::Value* hits = Document::find(page_, "hits.hits");
  if (hits == nullptr || !hits->IsArray()) return fail(Errc::corrupt, point_->host() + " gives no page of documents");
  hit_ = 0;
  ended_ = hits->Size() < kPageDocuments;
  if (hits->Empty()) return {};
  const rapidjson::Value* sort = Document::find((*hits)[hits->Size() - 1], "sort");
  if (sort == nullptr) return fail(Errc::corrupt, point_->host() + " gives documents without their place");
  after_ = json_of(*sort);
  return {};
}

Result<bool> ElasticSource::next(Document& document) {
  for (;;) {
    const rapidjson::Value* hits = page_.IsObject() ? Document::find(page_, "hits.hits") : nullptr;
    if (hits != nullptr && hit_ < hits->Size()) {
      const rapidjson::Value* source = Document::find((*hits)[hit_++], "_source");
      if (source == nullptr || !source->IsObject()) {
        point_->note_line(where() + ": a document without _source");
        continue;
      }
      document.refer(*source);
      ++given_;
      return true;
    }
    if (hits != nullptr && ended_) return false;
    if (auto read = read_page(); !read) return tl::unexpected(read.error());
  }
}

std::string ElasticSource::where() const {
  return fmt::format("{}: document {}", point_->where(), given_);
}

}  // namespace acta::report
