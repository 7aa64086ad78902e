#include "outputs/elasticsearch/lookup.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>

#include "event/encoder.h"

namespace acta {
namespace {

constexpr size_t kPageIds = 1000;
constexpr size_t kPageHits = 2 * kPageIds;  // below index.max_result_window, 10,000 by default
constexpr int kNotFound = 404;
constexpr int kForbidden = 403;

tl::unexpected<Error> refused(std::string_view what, const std::string& index, const ElasticReply& reply) {
  std::string text = fmt::format("cannot {} {} for documents that may be there already: {}", what, index,
                                 elastic_refusal(reply.status, reply.body));
  if (reply.status == kForbidden && text.find("cluster_block_exception") == std::string::npos) {
    text +=
        ": the privileges read and maintenance on the index, or set dedupe: off and accept that a document may be "
        "there twice after a rollover";
  }
  return fail(reply.status == kForbidden ? Errc::denied : Errc::io, std::move(text));
}

/// document.a.b, if it is a number.
int64_t number_at(const rapidjson::Value& document, const char* group, const char* key, int64_t missing) {
  if (!document.IsObject()) return missing;
  const auto outer = document.FindMember(group);
  if (outer == document.MemberEnd() || !outer->value.IsObject()) return missing;
  const auto inner = outer->value.FindMember(key);
  return inner != outer->value.MemberEnd() && inner->value.IsInt64() ? inner->value.GetInt64() : missing;
}

/// Adds the ids of a search reply. The number of hits there are, or nothing when it is no whole answer.
std::optional<size_t> take_hits(const std::string& body, std::unordered_set<std::string>& found, size_t& taken) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject() || number_at(document, "_shards", "failed", 1) != 0)
    return std::nullopt;
  const auto timed_out = document.FindMember("timed_out");
  if (timed_out == document.MemberEnd() || !timed_out->value.IsBool() || timed_out->value.GetBool())
    return std::nullopt;
  const auto hits = document.FindMember("hits");
  if (hits == document.MemberEnd()) return std::nullopt;
  const int64_t total = number_at(hits->value, "total", "value", -1);
  if (total < 0) return std::nullopt;
  taken = 0;
  const auto list = hits->value.FindMember("hits");
  if (list != hits->value.MemberEnd() && list->value.IsArray()) {
    for (const auto& hit : list->value.GetArray()) {
      if (!hit.IsObject() || !hit.HasMember("_id") || !hit["_id"].IsString()) return std::nullopt;
      found.emplace(hit["_id"].GetString(), hit["_id"].GetStringLength());
      ++taken;
    }
  }
  return static_cast<size_t>(total);
}

}  // namespace

Result<bool> Lookup::at_work(Nanos deadline) {
  auto reply = client_.request(
      {.method = "GET", .path = "/_tasks?actions=indices:data/write/bulk*&filter_path=nodes.*.tasks.*.headers"},
      deadline);
  if (!reply) return tl::unexpected(reply.error());
  return reply->good() && name_.in(reply->body);
}

Result<bool> Lookup::refresh(const std::string& index, Nanos deadline) {
  const std::string path = "/" + url_encoded(index) + "/_refresh?filter_path=_shards.failed";
  auto reply = client_.request({.method = "POST", .path = path}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status == kNotFound) return false;
  if (!reply->good()) return refused("refresh", index, *reply);
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(reply->body.data(), reply->body.size());
  if (document.HasParseError() || number_at(document, "_shards", "failed", 1) != 0)
    return fail(Errc::io, fmt::format("cannot refresh all shards of {}", index));
  return true;
}

Result<> Lookup::search(const std::string& index, const std::vector<std::string_view>& ids, size_t from, size_t to,
                        std::unordered_set<std::string>& found, Nanos deadline) {
  std::string body = fmt::format(
      "{{\"size\":{},\"_source\":false,\"track_total_hits\":true,\"sort\":[\"_doc\"],\"query\":{{\"ids\":{{\"values\":"
      "[",
      kPageHits);
  for (size_t i = from; i < to; ++i) {
    if (i > from) body.push_back(',');
    append_json_string(ids[i], body);
  }
  body += "]}}}";
  const std::string path = "/" + url_encoded(index) +
                           "/_search?allow_partial_search_results=false&filter_path=timed_out,_shards.failed,"
                           "hits.total.value,hits.hits._id";
  auto reply = client_.request({.method = "POST", .path = path, .body = body}, deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status == kNotFound) return {};
  if (!reply->good()) return refused("search", index, *reply);
  size_t taken = 0;
  const auto total = take_hits(reply->body, found, taken);
  if (!total) return fail(Errc::corrupt, fmt::format("the reply to a search of {} is not a whole answer", index));
  if (*total <= taken) return {};
  // Ids that are there more than once. One id in so many backing indices as a page has hits is not searched further.
  if (to - from == 1) return {};
  const size_t middle = from + (to - from) / 2;
  if (auto done = search(index, ids, from, middle, found, deadline); !done) return done;
  return search(index, ids, middle, to, found, deadline);
}

Result<std::unordered_set<std::string>> Lookup::present(std::string_view index,
                                                        const std::vector<std::string_view>& ids, Nanos deadline) {
  std::unordered_set<std::string> found;
  const std::string name(index);
  auto exists = refresh(name, deadline);
  if (!exists) return tl::unexpected(exists.error());
  if (!*exists) return found;
  for (size_t from = 0; from < ids.size(); from += kPageIds) {
    const size_t to = std::min(ids.size(), from + kPageIds);
    if (auto done = search(name, ids, from, to, found, deadline); !done) return tl::unexpected(done.error());
  }
  return found;
}

}  // namespace acta
