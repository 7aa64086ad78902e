#include "outputs/elasticsearch/dead_letter_index.h"

#include <fmt/format.h>

#include "event/encoder.h"

namespace acta {
namespace {

constexpr int kOk = 200;

class Items final : public BulkReplySink {
 public:
  Items(Docs docs, const std::vector<Reason>& reasons) : docs_(docs), reasons_(reasons) {}
  bool expect(std::string_view id) override {
    return all.size() < reasons_.size() && docs_[reasons_[all.size()].at].meta.id == id;
  }
  void item(BulkItem&& item) override { all.push_back(std::move(item)); }

  std::vector<BulkItem> all;

 private:
  Docs docs_;
  const std::vector<Reason>& reasons_;
};

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out.append(name);
  append_json_string(text, out);
}

}  // namespace

void DeadLetterIndex::keep(ElasticClient& client, Docs docs, Attempt& attempt, Nanos deadline) {
  body_.clear(Compression::gzip);
  for (const Reason& reason : attempt.reasons) {
    const Doc doc = docs[reason.at];
    letter_ = "{\"@timestamp\":\"";
    append_iso_time(doc.meta.timestamp, letter_);
    append_member("\",\"message\":", doc.json, letter_);
    append_member(",\"error\":{\"message\":", reason.why, letter_);
    append_member("},\"event\":{\"kind\":\"pipeline_error\",\"id\":", doc.meta.id, letter_);
    append_member(",\"dataset\":", doc.meta.dataset, letter_);
    letter_ += "}}";
    body_.add(index_, doc.meta.id, letter_);
  }
  Items items(docs, attempt.reasons);
  Result<> done = send(client, items, deadline);
  if (done && items.all.size() != attempt.reasons.size()) done = fail(Errc::corrupt, "the reply is of fewer documents");
  for (size_t i = 0; i < attempt.reasons.size(); ++i) {
    const Fate fate = done ? fate_of(items.all[i]) : Fate::retry;
    attempt.reasons[i].kept = fate == Fate::accepted;
    if (fate != Fate::retry) continue;
    attempt.fate[attempt.reasons[i].at] = Fate::retry;
    attempt.why = fmt::format("dead_letter_index {}: {}", index_, done ? reason_of(items.all[i]) : done.error().what);
  }
}

Result<> DeadLetterIndex::send(ElasticClient& client, BulkReplySink& items, Nanos deadline) {
  auto body = body_.finish();
  if (!body) return tl::unexpected(body.error());
  auto head = client.begin({.method = "POST",
                            .path = path_,
                            .body = *body,
                            .content_type = "application/x-ndjson",
                            .content_encoding = "gzip"},
                           deadline);
  if (!head) return tl::unexpected(head.error());
  if (head->status != kOk) return fail(Errc::io, fmt::format("HTTP {}", head->status));
  if (auto read = read_bulk_reply([&client] { return client.read(); }, items); !read) return read;
  return {};
}

}  // namespace acta
