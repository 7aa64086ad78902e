#include "report/elastic_totals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "report/elastic_query.h"

namespace acta::report {
namespace {

using rapidjson::Value;

/// Puts a value to a dotted path of an object.
void put(rapidjson::Document& object, std::string_view path, Value value) {
  auto& memory = object.GetAllocator();
  Value* at = &object;
  for (;;) {
    const std::string_view name = path.substr(0, path.find('.'));
    Value key(name.data(), static_cast<rapidjson::SizeType>(name.size()), memory);
    const bool last = name.size() == path.size();
    if (const auto found = at->FindMember(key); found == at->MemberEnd()) {
      at->AddMember(key, last ? std::move(value) : Value(rapidjson::kObjectType), memory);
      at = &(at->MemberEnd() - 1)->value;
    } else {
      at = &found->value;
    }
    if (last) return;
    path.remove_prefix(name.size() + 1);
  }
}

double number_at(const Value& value, const char* path) {
  const Value* found = Document::find(value, path);
  return found != nullptr && found->IsNumber() ? found->GetDouble() : 0;
}

Nanos time_at(const Value& bucket, const char* path) {
  return static_cast<Nanos>(number_at(bucket, path)) * kMillisecond;
}

/// With the fields by which a Reading tells documents apart.
std::vector<Question> completed(const Wanted& wanted) {
  std::vector<Question> questions = wanted.totals.questions;
  for (Question& question : questions) {
    question.fields.emplace_back("ecs.version");
    if (!wanted.totals.by_host && wanted.hosts.empty()) continue;
    for (const char* field : {"host.name", "host.hostname", "host.id"}) question.fields.emplace_back(field);
  }
  return questions;
}

}  // namespace

ElasticTotals::ElasticTotals(std::unique_ptr<ElasticPoint> point, const Wanted& wanted)
    : wanted_(wanted),
      questions_(completed(wanted)),
      query_(elastic_query(wanted, Part::counted)),
      rows_(std::move(point), elastic_query(wanted, Part::others)) {}

std::unique_ptr<Source> ElasticTotals::open(std::unique_ptr<ElasticPoint> point, const Wanted& wanted) {
  std::vector<std::string> fields;
  for (const Question& question : completed(wanted))
    fields.insert(fields.end(), question.fields.begin(), question.fields.end());
  std::ranges::sort(fields);
  fields.erase(std::ranges::unique(fields).begin(), fields.end());
  const auto not_grouped = point->not_grouped(fields);
  if (not_grouped && not_grouped->empty()) return std::make_unique<ElasticTotals>(std::move(point), wanted);
  log::warning("report",
               fmt::format("{}: documents are read one by one: {}", point->where(),
                           not_grouped ? "there are no totals by " + *not_grouped : not_grouped.error().what));
  return std::make_unique<ElasticSource>(std::move(point), elastic_query(wanted, Part::all));
}

// A field without a value makes a group as well: each document is in one.
std::string ElasticTotals::page_request() const {
  const Question& question = questions_[question_];
  std::string sources;
  for (size_t i = 0; i < question.fields.size(); ++i) {
    sources += fmt::format(R"({}{{"{}":{{"terms":{{"field":"{}","missing_bucket":true}}}}}})", i > 0 ? "," : "", i,
                           question.fields[i]);
  }
  return fmt::format(
      R"("size":0,"track_total_hits":{},"query":{},"aggs":{{"groups":{{"composite":{{"size":{},{}"sources":[{}]}},)"
      R"("aggs":{{"first":{{"min":{{"field":"@timestamp"}}}},"last":{{"max":{{"field":"@timestamp"}}}},)"
      R"("order":{{"min":{{"field":"event.sequence"}}}}}}}}}})",
      asked_ ? "false" : "true", query_, kPageGroups, after_.empty() ? "" : "\"after\":" + after_ + ",", sources);
}

Result<> ElasticTotals::read_page() {
  ElasticPoint& point = rows_.point();
  if (auto searched = point.search(page_request(), page_); !searched) return searched;
  const Value* buckets = Document::find(page_, "aggregations.groups.buckets");
  if (buckets == nullptr || !buckets->IsArray()) return fail(Errc::corrupt, point.host() + " gives no page of groups");
  if (!asked_) hits_ = static_cast<uint64_t>(number_at(page_, "hits.total.value"));
  asked_ = true;
  bucket_ = 0;
  const Value* after = Document::find(page_, "aggregations.groups.after_key");
  ended_ = after == nullptr || buckets->Size() < kPageGroups;  // a further page is a further walk over all documents
  after_ = after == nullptr ? std::string() : json_of(*after);
  return {};
}

Result<> ElasticTotals::give(const Value& bucket, Document& document) {
  const Value* key = Document::find(bucket, "key");
  const Value* count = Document::find(bucket, "doc_count");
  if (key == nullptr || !key->IsObject() || count == nullptr || !count->IsUint64())
    return fail(Errc::corrupt, rows_.point().host() + " gives a group without its key or its count");
  const Question& question = questions_[question_];
  made_.SetObject();
  made_.GetAllocator().Clear();
  put(made_, "event.dataset", Value(wanted_.dataset.c_str(), made_.GetAllocator()));
  for (size_t i = 0; i < question.fields.size(); ++i) {
    const Value* value = Document::find(*key, std::to_string(i));
    if (value != nullptr && !value->IsNull()) put(made_, question.fields[i], Value(*value, made_.GetAllocator()));
  }
  group_ = {.documents = count->GetUint64(),
            .first = time_at(bucket, "first.value"),
            .last = time_at(bucket, "last.value"),
            .order = static_cast<uint64_t>(number_at(bucket, "order.value")),
            .question = question_};
  documents_ += group_.documents;
  document.refer(made_);
  is_group_ = true;
  return {};
}

// Each document is in one group, unless a field has several values in it: then it was counted more than once.
void ElasticTotals::end_question() {
  if (documents_ != hits_)
    rows_.point().note_line(
        fmt::format("{}: {} documents are in {} places of a report", rows_.point().where(), hits_, documents_));
  ++question_;
  after_.clear();
  asked_ = ended_ = false;
  documents_ = hits_ = 0;
  page_.SetNull();
}

Result<bool> ElasticTotals::next(Document& document) {
  while (question_ < questions_.size()) {
    const Value* buckets = asked_ ? Document::find(page_, "aggregations.groups.buckets") : nullptr;
    if (buckets != nullptr && bucket_ < buckets->Size()) {
      if (auto given = give((*buckets)[bucket_++], document); !given) return tl::unexpected(given.error());
      return true;
    }
    if (ended_) {
      end_question();
    } else if (auto read = read_page(); !read) {
      return tl::unexpected(read.error());
    }
  }
  is_group_ = false;
  return rows_.next(document);
}

}  // namespace acta::report
