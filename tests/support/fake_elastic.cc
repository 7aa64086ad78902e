#include "support/fake_elastic.h"

#include <rapidjson/document.h>

#include <sstream>

#include "event/encoder.h"

namespace acta::test {
namespace {

void json(httplib::Response& response, const std::string& body, int status = 200) {
  response.status = status;
  response.set_content(body, "application/json");
}

std::string stream_of(const httplib::Request& request) {
  return request.path.substr(1, request.path.find('/', 1) - 1);
}

}  // namespace

FakeElastic::FakeElastic()
    : server_([this](const httplib::Request& request, httplib::Response& response) { answer(request, response); }) {}

void FakeElastic::says_it_is(const std::string& distribution, const std::string& version) {
  const std::lock_guard lock(mutex_);
  version_ = R"({"distribution":")" + distribution + R"(","number":")" + version + "\"}";
}

void FakeElastic::answer(const httplib::Request& request, httplib::Response& response) {
  if (request.path == "/") {
    const std::lock_guard lock(mutex_);
    return json(response, R"({"cluster_name":"fake","cluster_uuid":"u","version":)" + version_ + "}");
  }
  if (request.path == "/_tasks") {
    const std::lock_guard lock(mutex_);
    return json(response, at_work_.empty()
                              ? "{}"
                              : R"({"nodes":{"n":{"tasks":{"n:1":{"headers":{"X-Opaque-Id":")" + at_work_ + "\"}}}}}}");
  }
  if (request.path == "/_bulk") return bulk(request, response);
  if (request.path.ends_with("/_search")) return search(request, response);
  if (request.path.ends_with("/_refresh")) return refresh(request, response);
  json(response, R"({"error":"no such handler","status":400})", 400);
}

void FakeElastic::bulk(const httplib::Request& request, httplib::Response& response) {
  ++bulks_;
  const std::lock_guard lock(mutex_);
  last_bulk_ = request.body;
  last_target_ = request.target;
  last_encoding_ = request.get_header_value("Content-Encoding");
  if (before_bulk_ && before_bulk_(request, response)) return;
  std::istringstream lines(request.body);
  std::string action;
  std::string document;
  std::string items;
  while (std::getline(lines, action) && std::getline(lines, document)) {
    if (!items.empty()) items += ',';
    items += create(action, document);
  }
  if (after_bulk_ && after_bulk_(request, response)) return;
  json(response, R"({"items":[)" + items + "]}");
}

std::string FakeElastic::create(const std::string& action, const std::string& document) {
  rapidjson::Document parsed;
  parsed.Parse(action.data(), action.size());
  const rapidjson::Value& create = parsed["create"];
  const std::string id = create["_id"].GetString();
  std::string head = R"({"create":{"_id":)";
  append_json_string(id, head);
  head += R"(,"status":)";
  rapidjson::Document body;
  body.Parse(document.data(), document.size());
  if (body.HasParseError()) {
    return head + R"(400,"error":{"type":"document_parsing_exception","reason":"[1:1] failed to parse",)" +
           R"("caused_by":{"reason":"no JSON"}}}})";
  }
  auto& indices = streams_[create["_index"].GetString()];
  if (indices.empty()) indices.emplace_back();
  if (indices.back().ids.insert(id).second) return head + "201}}";
  return head + R"(409,"error":{"type":"version_conflict_engine_exception","reason":"[x]: version conflict"}}})";
}

void FakeElastic::search(const httplib::Request& request, httplib::Response& response) {
  ++searches_;
  const std::lock_guard lock(mutex_);
  if (before_search_ && before_search_(request, response)) return;
  const auto stream = streams_.find(stream_of(request));
  if (stream == streams_.end()) return json(response, R"({"error":{"type":"index_not_found_exception"}})", 404);
  rapidjson::Document body;
  body.Parse(request.body.data(), request.body.size());
  std::string hits;
  size_t count = 0;
  for (const auto& id : body["query"]["ids"]["values"].GetArray()) {
    for (const Index& index : stream->second) {
      if (index.searchable.count(id.GetString()) == 0) continue;
      hits += (count++ == 0 ? "" : ",") + (R"({"_id":")" + std::string(id.GetString())) + "\"}";
    }
  }
  json(response, R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":)" + std::to_string(count) +
                     "}" + (count == 0 ? "" : R"(,"hits":[)" + hits + "]") + "}}");
}

void FakeElastic::refresh(const httplib::Request& request, httplib::Response& response) {
  const std::lock_guard lock(mutex_);
  if (before_search_ && before_search_(request, response)) return;
  const auto stream = streams_.find(stream_of(request));
  if (stream == streams_.end()) return json(response, R"({"error":{"type":"index_not_found_exception"}})", 404);
  for (Index& index : stream->second) index.searchable = index.ids;
  json(response, R"({"_shards":{"failed":0}})");
}

void FakeElastic::rollover(const std::string& stream) {
  const std::lock_guard lock(mutex_);
  streams_[stream].emplace_back();
}

std::map<std::string, int> FakeElastic::ids(const std::string& stream) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, int> all;
  if (const auto found = streams_.find(stream); found != streams_.end()) {
    for (const Index& index : found->second) {
      for (const std::string& id : index.ids) ++all[id];
    }
  }
  return all;
}

std::vector<std::string> FakeElastic::streams() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, indices] : streams_) names.push_back(name);
  return names;
}

size_t FakeElastic::documents() const {
  const std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [name, indices] : streams_) {
    for (const Index& index : indices) count += index.ids.size();
  }
  return count;
}

void FakeElastic::at_work(const std::string& name) {
  const std::lock_guard lock(mutex_);
  at_work_ = name;
}
void FakeElastic::before_bulk(Hook hook) {
  const std::lock_guard lock(mutex_);
  before_bulk_ = std::move(hook);
}
void FakeElastic::after_bulk(Hook hook) {
  const std::lock_guard lock(mutex_);
  after_bulk_ = std::move(hook);
}
void FakeElastic::before_search(Hook hook) {
  const std::lock_guard lock(mutex_);
  before_search_ = std::move(hook);
}
std::string FakeElastic::last_bulk() const {
  const std::lock_guard lock(mutex_);
  return last_bulk_;
}
std::string FakeElastic::last_target() const {
  const std::lock_guard lock(mutex_);
  return last_target_;
}
std::string FakeElastic::last_encoding() const {
  const std::lock_guard lock(mutex_);
  return last_encoding_;
}

}  // namespace acta::test
