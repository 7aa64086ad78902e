#include "report/elastic_point.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace acta::report {

ElasticPoint::ElasticPoint(ElasticSettings settings, std::string indices, const Clock& clock, Fs& fs)
    : clock_(clock), client_(std::move(settings), clock, fs), indices_(std::move(indices)) {}

Result<std::unique_ptr<ElasticPoint>> ElasticPoint::open(ElasticSettings settings, std::string indices,
                                                         const Clock& clock, Fs& fs) {
  std::unique_ptr<ElasticPoint> point(new ElasticPoint(std::move(settings), std::move(indices), clock, fs));
  const auto server = point->client_.server(clock.monotonic() + kTimeout);
  if (!server) return tl::unexpected(server.error());
  point->opensearch_ = server->kind == ElasticServer::Kind::opensearch;
  if (auto checked = point->check_indices(); !checked) return tl::unexpected(checked.error());
  if (auto fixed = point->fix(); !fixed) return tl::unexpected(fixed.error());
  return point;
}

// The server would keep the point for minutes.
ElasticPoint::~ElasticPoint() {
  if (point_.empty()) return;
  const std::string path = opensearch_ ? "/_search/point_in_time" : "/_pit";
  const std::string body = opensearch_ ? R"({"pit_id":[")" + point_ + "\"]}" : R"({"id":")" + point_ + "\"}";
  static_cast<void>(ask("DELETE", path, body));
}

Result<std::string> ElasticPoint::ask(std::string_view method, const std::string& path, const std::string& body) {
  auto reply = client_.request({.method = method, .path = path, .body = body}, clock_.monotonic() + kTimeout);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->good()) return std::move(reply->body);
  return fail(Errc::io, fmt::format("{} {}: {}", client_.host(), path.substr(0, path.find('?')),
                                    elastic_refusal(reply->status, reply->body)));
}

// Without any index OpenSearch refuses a point in time with words that say nothing.
Result<> ElasticPoint::check_indices() {
  const auto reply = ask("GET", fmt::format("/{}/_search?size=0&filter_path=_shards.total", indices_), "");
  if (!reply) return tl::unexpected(reply.error());
  rapidjson::Document answer;
  answer.Parse(reply->data(), reply->size());
  const rapidjson::Value* total = answer.HasParseError() ? nullptr : Document::find(answer, "_shards.total");
  if (total != nullptr && total->IsInt() && total->GetInt() > 0) return {};
  return fail(Errc::config,
              fmt::format("{} has no index or data stream {}: output.elasticsearch.index and namespace say "
                          "where documents are",
                          client_.host(), indices_));
}

Result<> ElasticPoint::fix() {
  const std::string path = opensearch_ ? fmt::format("/{}/_search/point_in_time?keep_alive={}", indices_, kKeepAlive)
                                       : fmt::format("/{}/_pit?keep_alive={}", indices_, kKeepAlive);
  auto reply = ask("POST", path, "");
  if (!reply) return tl::unexpected(reply.error());
  rapidjson::Document answer;
  answer.Parse(reply->data(), reply->size());
  const char* const key = opensearch_ ? "pit_id" : "id";
  if (answer.HasParseError() || !answer.IsObject() || !answer.HasMember(key) || !answer[key].IsString())
    return fail(Errc::corrupt, client_.host() + " gives no point in time: " + reply->substr(0, 200));
  point_ = answer[key].GetString();
  return {};
}

Result<std::string> ElasticPoint::not_grouped(const std::vector<std::string>& fields) {
  auto reply = ask("GET", fmt::format("/{}/_field_caps?fields={}", indices_, fmt::join(fields, ",")), "");
  if (!reply) return tl::unexpected(reply.error());
  rapidjson::Document answer;
  answer.Parse(reply->data(), reply->size());
  const rapidjson::Value* known = answer.HasParseError() ? nullptr : Document::find(answer, "fields");
  if (known == nullptr || !known->IsObject()) return fail(Errc::corrupt, client_.host() + " does not tell its fields");
  for (const auto& field : known->GetObject()) {
    // Beside the fields the objects that they lie in are told.
    if (!field.value.IsObject() || std::ranges::find(fields, field.name.GetString()) == fields.end()) continue;
    for (const auto& type : field.value.GetObject()) {
      const rapidjson::Value* grouped = Document::find(type.value, "aggregatable");
      if (grouped != nullptr && grouped->IsFalse()) return field.name.GetString();
    }
  }
  return std::string();
}

void ElasticPoint::note_partial(const rapidjson::Document& answer) {
  const rapidjson::Value* failed = Document::find(answer, "_shards.failed");
  const rapidjson::Value* late = Document::find(answer, "timed_out");
  const bool some_failed = failed != nullptr && failed->IsInt() && failed->GetInt() > 0;
  const bool timed_out = late != nullptr && late->IsBool() && late->GetBool();
  if (!some_failed && !timed_out) return;
  const std::string why = fmt::format(
      "{}: {}", where(), some_failed ? "a part of the cluster did not answer" : "the cluster did not answer in time");
  if (unread_.first.empty()) unread_.first = why;
  if (unread_.places++ == 0) log::warning("report", why);
}

void ElasticPoint::note_line(const std::string& what) {
  ++unread_.lines;
  if (unread_.first.empty()) unread_.first = what;
}

Result<> ElasticPoint::search(const std::string& members, rapidjson::Document& answer) {
  auto reply = ask("POST", "/_search",
                   fmt::format(R"({{"pit":{{"id":"{}","keep_alive":"{}"}},{}}})", point_, kKeepAlive, members));
  if (!reply) return tl::unexpected(reply.error());
  text_ = std::move(*reply);
  answer.ParseInsitu(text_.data());
  if (answer.HasParseError() || !answer.IsObject())
    return fail(Errc::corrupt, client_.host() + " gives an answer that is no JSON object");
  note_partial(answer);
  if (answer.HasMember("pit_id") && answer["pit_id"].IsString()) point_ = answer["pit_id"].GetString();
  return {};
}

}  // namespace acta::report
