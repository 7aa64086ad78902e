#include "report/elastic_source.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/log.h"

namespace acta::report {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_terms(Writer& writer, const char* field, const std::vector<std::string>& values) {
  writer.StartObject();
  writer.Key("terms");
  writer.StartObject();
  writer.Key(field);
  writer.StartArray();
  for (const std::string& value : values) write_text(writer, value);
  writer.EndArray();
  writer.EndObject();
  writer.EndObject();
}

/// A range of milliseconds; `from` and `to` as far as they are given.
void write_range(Writer& writer, const char* field, Nanos from, Nanos to) {
  writer.StartObject();
  writer.Key("range");
  writer.StartObject();
  writer.Key(field);
  writer.StartObject();
  writer.Key("format");
  writer.String("epoch_millis");
  if (from != INT64_MIN) {
    writer.Key("gte");
    writer.Int64(from / kMillisecond);
  }
  if (to != INT64_MAX) {
    writer.Key("lte");
    writer.Int64(to / kMillisecond);
  }
  writer.EndObject();
  writer.EndObject();
  writer.EndObject();
}

/// {"bool":{`kind`:[…]}} around what `write` writes.
template <class Write>
void write_bool(Writer& writer, const char* kind, Write write) {
  writer.StartObject();
  writer.Key("bool");
  writer.StartObject();
  writer.Key(kind);
  writer.StartArray();
  write();
  writer.EndArray();
  writer.EndObject();
  writer.EndObject();
}

/// {"bool":{"must_not":[{"exists":…}]}}.
void write_missing(Writer& writer, const char* field) {
  write_bool(writer, "must_not", [&] {
    writer.StartObject();
    writer.Key("exists");
    writer.StartObject();
    writer.Key("field");
    writer.String(field);
    writer.EndObject();
    writer.EndObject();
  });
}

/// What came since then.
void write_since(Writer& writer, Nanos since) {
  write_bool(writer, "should", [&] {
    write_range(writer, "event.ingested", since, INT64_MAX);
    write_bool(writer, "filter", [&] {
      write_missing(writer, "event.ingested");
      write_range(writer, "@timestamp", since, INT64_MAX);
    });
  });
}

/// Documents of the datasets within the period, losses that reach into it; of the hosts asked for.
void write_query(Writer& writer, const Wanted& wanted) {
  const auto write_wanted = [&] {
    std::vector<std::string> datasets{wanted.dataset};
    if (!wanted.also.empty()) datasets.push_back(wanted.also);
    if (!wanted.dataset.empty()) write_terms(writer, "event.dataset", datasets);
    write_range(writer, "@timestamp", wanted.from, wanted.to);
  };
  const auto write_losses = [&] {
    write_terms(writer, "event.dataset", {"actabeat.lost"});
    write_range(writer, "event.end", wanted.from, INT64_MAX);
    write_range(writer, "event.start", INT64_MIN, wanted.to);
  };
  write_bool(writer, "filter", [&] {
    write_bool(writer, "should", [&] {
      write_bool(writer, "filter", write_wanted);
      write_bool(writer, "filter", write_losses);
    });
    if (wanted.since != INT64_MIN) write_since(writer, wanted.since);
    if (wanted.hosts.empty()) return;
    write_bool(writer, "should", [&] {
      for (const char* field : {"host.name", "host.hostname", "host.id"}) write_terms(writer, field, wanted.hosts);
    });
  });
}

std::string json_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

// By time, then as the kernel numbers events; the id last, so that no two are equal.
constexpr std::string_view kSort =
    R"([{"@timestamp":{"order":"asc","unmapped_type":"date"}},{"event.sequence":{"order":"asc","unmapped_type":"long",)"
    R"("missing":"_first"}},{"event.id":{"order":"asc","unmapped_type":"keyword"}}])";

}  // namespace

ElasticSource::ElasticSource(ElasticSettings settings, std::string indices, const Wanted& wanted, const Clock& clock,
                             Fs& fs)
    : clock_(clock), client_(std::move(settings), clock, fs), indices_(std::move(indices)), wanted_(wanted) {}

Result<std::unique_ptr<ElasticSource>> ElasticSource::open(ElasticSettings settings, std::string indices,
                                                           const Wanted& wanted, const Clock& clock, Fs& fs) {
  std::unique_ptr<ElasticSource> source(new ElasticSource(std::move(settings), std::move(indices), wanted, clock, fs));
  const auto server = source->client_.server(clock.monotonic() + kTimeout);
  if (!server) return tl::unexpected(server.error());
  source->opensearch_ = server->kind == ElasticServer::Kind::opensearch;
  if (auto checked = source->check_indices(); !checked) return tl::unexpected(checked.error());
  if (auto opened = source->open_point(); !opened) return tl::unexpected(opened.error());
  return source;
}

// The server would keep the point for minutes.
ElasticSource::~ElasticSource() {
  if (point_.empty()) return;
  const std::string path = opensearch_ ? "/_search/point_in_time" : "/_pit";
  const std::string body = opensearch_ ? R"({"pit_id":[")" + point_ + "\"]}" : R"({"id":")" + point_ + "\"}";
  static_cast<void>(ask("DELETE", path, body));
}

Result<std::string> ElasticSource::ask(std::string_view method, const std::string& path, const std::string& body) {
  auto reply = client_.request({.method = method, .path = path, .body = body}, clock_.monotonic() + kTimeout);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->good()) return std::move(reply->body);
  return fail(Errc::io, fmt::format("{} {}: {}", client_.host(), path.substr(0, path.find('?')),
                                    elastic_refusal(reply->status, reply->body)));
}

// Without any index OpenSearch refuses a point in time with words that say nothing.
Result<> ElasticSource::check_indices() {
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

Result<> ElasticSource::open_point() {
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

std::string ElasticSource::page_request() const {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write_query(writer, wanted_);
  return fmt::format(
      R"({{"size":{},"track_total_hits":false,"pit":{{"id":"{}","keep_alive":"{}"}},"sort":{},{}"query":{}}})",
      kPageDocuments, point_, kKeepAlive, kSort, after_.empty() ? "" : "\"search_after\":" + after_ + ",",
      buffer.GetString());
}

void ElasticSource::note_partial() {
  const rapidjson::Value* failed = Document::find(page_, "_shards.failed");
  const rapidjson::Value* late = Document::find(page_, "timed_out");
  const bool some_failed = failed != nullptr && failed->IsInt() && failed->GetInt() > 0;
  const bool timed_out = late != nullptr && late->IsBool() && late->GetBool();
  if (!some_failed && !timed_out) return;
  const std::string why = fmt::format(
      "{}: {}", where(), some_failed ? "a part of the cluster did not answer" : "the cluster did not answer in time");
  if (unread_.first.empty()) unread_.first = why;
  if (unread_.places++ == 0) log::warning("report", why);
}

Result<> ElasticSource::read_page() {
  auto reply = ask("POST", "/_search", page_request());
  if (!reply) return tl::unexpected(reply.error());
  text_ = std::move(*reply);
  page_.ParseInsitu(text_.data());
  const rapidjson::Value* hits = page_.HasParseError() ? nullptr : Document::find(page_, "hits.hits");
  if (hits == nullptr || !hits->IsArray()) return fail(Errc::corrupt, client_.host() + " gives no page of documents");
  note_partial();
  if (page_.HasMember("pit_id") && page_["pit_id"].IsString()) point_ = page_["pit_id"].GetString();
  hit_ = 0;
  ended_ = hits->Size() < kPageDocuments;
  if (hits->Empty()) return {};
  const rapidjson::Value* sort = Document::find((*hits)[hits->Size() - 1], "sort");
  if (sort == nullptr) return fail(Errc::corrupt, client_.host() + " gives documents without their place");
  after_ = json_of(*sort);
  return {};
}

Result<bool> ElasticSource::next(Document& document) {
  for (;;) {
    const rapidjson::Value* hits = page_.IsObject() ? Document::find(page_, "hits.hits") : nullptr;
    if (hits != nullptr && hit_ < hits->Size()) {
      const rapidjson::Value* source = Document::find((*hits)[hit_++], "_source");
      if (source == nullptr || !source->IsObject()) {
        ++unread_.lines;
        if (unread_.first.empty()) unread_.first = where() + ": a document without _source";
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
  return fmt::format("{}/{}: document {}", client_.host(), indices_, given_);
}

}  // namespace acta::report
