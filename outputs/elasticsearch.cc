#include "outputs/elasticsearch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/log.h"
#include "client/elastic_check.h"
#include "client/elastic_client.h"
#include "outputs/elasticsearch/bulk_body.h"
#include "outputs/elasticsearch/bulk_reply.h"
#include "outputs/elasticsearch/dead_letter_index.h"
#include "outputs/elasticsearch/doubt.h"
#include "outputs/elasticsearch/index_names.h"
#include "outputs/elasticsearch/lookup.h"

namespace acta {
namespace {

constexpr Nanos kConnectMax = 30 * kSecond;
// A request that was cut off from us may still be at work in the server; what it has not created yet is not found.
constexpr Nanos kLetItFinish = kSecond;
constexpr Nanos kAtWorkMax = 60 * kSecond;  // then it is another agent of this host, or a request that hangs
constexpr Nanos kAtWorkAgain = 200 * kMillisecond;
// Of Elasticsearch and OpenSearch; a longer id makes them refuse the whole request.
constexpr size_t kIdBytesMax = 512;
constexpr size_t kGroupDocuments = 2048;  // the default of bulk_max_size
// Groups that an earlier run may have had under way at once: so many documents in a row may be missing among those that
// it has delivered.
constexpr size_t kGroupsUnderWay = 16;
constexpr int kOk = 200;
constexpr int kTooLarge = 413;

/// Takes the items of a bulk reply for the documents that were sent.
class Fates final : public BulkReplySink {
 public:
  Fates(Docs docs, const std::vector<size_t>& sent, Attempt& attempt, Doubt& doubt)
      : docs_(docs), sent_(sent), attempt_(attempt), doubt_(doubt) {
    items_.reserve(sent.size());
  }

  bool expect(std::string_view id) override {
    if (items_.size() >= sent_.size()) return false;
    const std::string_view own = docs_[sent_[items_.size()]].meta.id;
    return own.empty() || own == id;
  }
  void item(BulkItem&& item) override { items_.push_back(std::move(item)); }

  /// Believes the reply: it was whole. Fails when it is of fewer documents.
  Result<> settle() {
    if (items_.size() != sent_.size()) {
      return fail(Errc::corrupt,
                  fmt::format("the reply is of {} documents, {} were sent", items_.size(), sent_.size()));
    }
    bool retried = false;
    for (size_t i = 0; i < items_.size(); ++i) {
      const size_t at = sent_[i];
      const Fate fate = fate_of(items_[i]);
      attempt_.fate[at] = fate;
      const std::string_view id = docs_[at].meta.id;
      if (fate == Fate::retry && !surely_refused(items_[i].status)) {
        doubt_.outcome_unknown(id);
        attempt_.retry_after = std::max(attempt_.retry_after.value_or(0), kLetItFinish);
      } else {
        doubt_.settled(id);
      }
      if (fate == Fate::accepted) continue;
      std::string reason = attempt_.why.empty() || fate == Fate::rejected || !retried ? reason_of(items_[i]) : "";
      if (fate == Fate::rejected) attempt_.reasons.push_back({.at = at, .why = reason, .status = items_[i].status});
      // What has to be tried again is said before what is done with.
      if (attempt_.why.empty() || (fate == Fate::retry && !retried)) attempt_.why = std::move(reason);
      retried = retried || fate == Fate::retry;
    }
    return {};
  }

 private:
  Docs docs_;
  const std::vector<size_t>& sent_;
  Attempt& attempt_;
  Doubt& doubt_;
  std::vector<BulkItem> items_;
};

struct ElasticsearchSettings {
  ElasticSettings connection;
  Compression compression = Compression::gzip;
  std::string bulk_path;
  std::string dead_letter_index;     // empty for none
  std::vector<std::string> streams;  // patterns of where documents go
  Doubt::Mode dedupe = Doubt::Mode::in_doubt;
  size_t absent_needed = kGroupsUnderWay * kGroupDocuments;
};

/// Documents as bulk `create` requests with our ids. `accepted` means that the server says it has the document: created
/// now, or before. Whether it survives a crash of the server's hosts is the index' affair (index.translog.durability,
/// number of replicas). One thread.
class ElasticsearchOutput final : public Output {
 public:
  ElasticsearchOutput(ElasticsearchSettings settings, IndexNames names, Fs& fs, const Clock& clock)
      : clock_(clock),
        fs_(fs),
        streams_(std::move(settings.streams)),
        compression_(settings.compression),
        bulk_path_(std::move(settings.bulk_path)),
        names_(std::move(names)),
        client_(with_name(std::move(settings.connection), request_name()), clock, fs),
        doubt_(settings.dedupe, settings.absent_needed),
        lookup_(client_, request_name()),
        body_(compression_) {
    if (!settings.dead_letter_index.empty()) dead_letters_.emplace(std::move(settings.dead_letter_index), bulk_path_);
  }

  Result<> connect() override {
    if (connected_) return {};
    auto server = client_.server(clock_.monotonic() + kConnectMax);
    if (!server) return tl::unexpected(server.error());
    connected_ = true;
    if (shows_credentials(client_.settings()))
      log::warning("elasticsearch", "credentials are sent in clear text: use https:// in hosts");
    if (server->kind == ElasticServer::Kind::unknown) {
      log::info("elasticsearch", fmt::format("connected to {}, which does not tell its version to us", client_.host()));
    } else {
      const bool opensearch = server->kind == ElasticServer::Kind::opensearch;
      log::info("elasticsearch",
                fmt::format("connected to {} {} at {}, cluster {}", opensearch ? "OpenSearch" : "Elasticsearch",
                            server->version, client_.host(), server->cluster));
    }
    if (compression_ == Compression::zstd && !server->takes_zstd()) use_gzip();
    return {};
  }

  std::vector<CheckStep> check() override {
    return check_elastic(client_.settings(), streams_, clock_, fs_, kConnectMax);
  }

  Attempt send(Docs docs, Nanos deadline) override {
    Attempt attempt = Attempt::all(Fate::retry, docs.size());
    if (docs.empty()) return attempt;
    if (!connected_) {
      attempt.why = "not connected";
      return attempt;
    }
    if (clock_.monotonic() >= deadline) {
      attempt.why = "no time was left to send";
      return attempt;
    }
    choose(docs, attempt);
    if (auto looked = look_up(docs, attempt, deadline); !looked) {
      attempt.why = looked.error().what;
      if (looked.error().code == Errc::closed) connected_ = false;
      return attempt;
    }
    if (!todo_.empty()) create(docs, attempt, deadline);
    if (dead_letters_ && !attempt.reasons.empty()) dead_letters_->keep(client_, docs, attempt, deadline);
    return attempt;
  }

  Result<> tick(Nanos) override { return {}; }
  [[nodiscard]] bool shared() const override { return true; }
  void interrupt() override { client_.http().interrupt(); }
  [[nodiscard]] std::vector<std::string> fields() const override { return names_.fields(); }

  Result<> close() override {
    client_.http().close();
    connected_ = false;
    return {};
  }

 private:
  [[nodiscard]] RequestName request_name() const { return RequestName(reinterpret_cast<uintptr_t>(this)); }
  static ElasticSettings with_name(ElasticSettings settings, const RequestName& name) {
    settings.headers.push_back(name.header());
    return settings;
  }

  // What is to be sent; an id that no server takes is the document's own fault.
  void choose(Docs docs, Attempt& attempt) {
    todo_.clear();
    for (size_t i = 0; i < docs.size(); ++i) {
      if (docs[i].meta.id.size() <= kIdBytesMax) {
        todo_.push_back(i);
        continue;
      }
      attempt.fate[i] = Fate::rejected;
      attempt.why = fmt::format("the document's id is longer than {} bytes", kIdBytesMax);
      attempt.reasons.push_back({i, attempt.why});
    }
  }

  // Accepts what is in the index already, of the documents where that may be.
  Result<> look_up(Docs docs, Attempt& attempt, Nanos deadline) {
    const Nanos now = clock_.monotonic();
    std::map<std::string, std::vector<size_t>, std::less<>> doubtful;
    for (const size_t at : todo_) {
      const Meta meta = docs[at].meta;
      if (meta.id.empty() || !doubt_.holds(meta.id, now)) continue;
      doubtful[std::string(names_.of(meta))].push_back(at);
    }
    if (doubtful.empty()) return {};
    if (auto done = wait_for_earlier(attempt, now, deadline); !done) return done;
    for (const auto& [name, some] : doubtful) {
      std::vector<std::string_view> ids;
      ids.reserve(some.size());
      for (const size_t at : some) ids.push_back(docs[at].meta.id);
      auto present = lookup_.present(name, ids, deadline);
      if (!present) return tl::unexpected(present.error());
      bool found = false;
      for (const size_t at : some) {
        const std::string_view id = docs[at].meta.id;
        if (present->find(std::string(id)) == present->end()) continue;
        attempt.fate[at] = Fate::accepted;
        doubt_.settled(id);
        found = true;
      }
      doubt_.looked(some.size(), found);
    }
    std::erase_if(todo_, [&](size_t at) { return attempt.fate[at] == Fate::accepted; });
    return {};
  }

  // What the server is still creating is not found, and would be created again if the stream is rolled over meanwhile.
  Result<> wait_for_earlier(Attempt& attempt, Nanos now, Nanos deadline) {
    auto busy = lookup_.at_work(deadline);
    if (!busy) return tl::unexpected(busy.error());
    if (!*busy) busy_since_ = 0;
    if (*busy && busy_since_ == 0) busy_since_ = now;
    if (!*busy || now - busy_since_ > kAtWorkMax) return {};
    attempt.retry_after = kAtWorkAgain;
    return fail(Errc::io, "the server is still at work on an earlier request of this host");
  }

  void create(Docs docs, Attempt& attempt, Nanos deadline) {
    body_.clear(compression_);
    for (const size_t at : todo_) {
      const Doc doc = docs[at];
      body_.add(names_.of(doc.meta), doc.meta.id, doc.json);
    }
    auto body = body_.finish();
    if (!body) {
      attempt.why = body.error().what;
      return;
    }
    auto head = client_.begin({.method = "POST",
                               .path = bulk_path_,
                               .body = *body,
                               .content_type = "application/x-ndjson",
                               .content_encoding = encoding()},
                              deadline);
    if (!head) return broken(docs, attempt, head.error(), client_.http().maybe_received());
    attempt.retry_after = head->retry_after();
    if (head->status != kOk) return refused(docs, attempt, head->status);
    Fates fates(docs, todo_, attempt, doubt_);
    auto read = read_bulk_reply([this] { return client_.read(); }, fates);
    if (read) read = fates.settle();
    if (!read) broken(docs, attempt, read.error(), true);
  }

  [[nodiscard]] std::string_view encoding() const {
    switch (compression_) {
      case Compression::gzip:
        return "gzip";
      case Compression::zstd:
        return "zstd";
      case Compression::none:
        break;
    }
    return {};
  }

  // No reply, or none to be believed. `sent`: the server may have the documents.
  void broken(Docs docs, Attempt& attempt, const Error& error, bool sent) {
    attempt.why = error.what;
    connected_ = false;
    if (sent) all_unknown(docs, attempt);
  }

  void all_unknown(Docs docs, Attempt& attempt) {
    attempt.retry_after = std::max(attempt.retry_after.value_or(0), kLetItFinish);
    for (const size_t at : todo_) doubt_.outcome_unknown(docs[at].meta.id);
  }

  void refused(Docs docs, Attempt& attempt, int status) {
    std::string body;
    while (body.size() < kRefusalBytesMax) {
      const auto piece = client_.read();
      if (!piece || piece->empty()) break;
      body.append(*piece);
    }
    attempt.why = fmt::format("POST {}/_bulk: {}", client_.host(), elastic_refusal(status, body));
    attempt.too_large = status == kTooLarge;
    if (!surely_refused(status)) all_unknown(docs, attempt);
    constexpr int kBadRequest = 400;
    constexpr int kNotAcceptable = 406;
    constexpr int kUnsupportedType = 415;
    if (compression_ == Compression::zstd &&
        (status == kBadRequest || status == kNotAcceptable || status == kUnsupportedType))
      use_gzip();
  }

  void use_gzip() {
    compression_ = Compression::gzip;
    log::warning("elasticsearch", fmt::format("{} does not take zstd: gzip from now on", client_.host()));
  }

  static constexpr size_t kRefusalBytesMax = 1u << 20;

  const Clock& clock_;
  Fs& fs_;
  const std::vector<std::string> streams_;
  Compression compression_;
  const std::string bulk_path_;
  IndexNames names_;
  ElasticClient client_;
  Doubt doubt_;
  Lookup lookup_;
  BulkBody body_;
  std::optional<DeadLetterIndex> dead_letters_;
  std::vector<size_t> todo_;  // documents of the send that are not settled, as indices into Attempt::fate
  bool connected_ = false;
  Nanos busy_since_ = 0;  // the server is at work on an earlier request; 0: it is not
};

constexpr std::string_view kCompressions[] = {"gzip", "zstd"};
constexpr std::string_view kDedupes[] = {"in_doubt", "always", "off"};

constexpr Option kOwnOptions[] = {
    {.key = "index",
     .type = Option::Type::text,
     .fallback = "",
     .help = "Data stream, alias or index of a document; may hold fields: logs-%{[event.dataset]}-%{[host.name]}. "
             "logs-<event.dataset>-<namespace> when not given."},
    {.key = "namespace",
     .type = Option::Type::text,
     .fallback = "default",
     .help = "The last part of the names of data streams."},
    {.key = "compat",
     .type = Option::Type::text,
     .fallback = "none",
     .help = "Names the stream of audit events so that rules and dashboards made for others find them: auditd_manager: "
             "logs-auditd_manager.auditd-<namespace>; auditbeat: auditbeat-actabeat-<namespace>.",
     .choices = kIndexCompats},
    {.key = "pipeline", .type = Option::Type::text, .fallback = "", .help = "Ingest pipeline of all documents."},
    {.key = "dedupe",
     .type = Option::Type::text,
     .fallback = "in_doubt",
     .help = "When a document is looked for in all backing indices of its stream before it is created, so that it is "
             "not there twice after a rollover. in_doubt: when an earlier attempt may have reached the server, and "
             "after a start; always: each time; off: never. Needs the privileges read and maintenance.",
     .choices = kDedupes},
    {.key = "dead_letter_index",
     .type = Option::Type::text,
     .fallback = "",
     .help =
         "Index or data stream of rejected documents, each as `message` with its `error.message`; without it they go "
         "to the dead-letter file."},
    {.key = "compression",
     .type = Option::Type::text,
     .fallback = "gzip",
     .help = "How bodies are compressed. zstd: OpenSearch 3 takes it, if all its nodes are of that version; others get "
             "gzip.",
     .choices = kCompressions},
    {.key = "compression_level",
     .type = Option::Type::integer,
     .fallback = "1",
     .help = "0: bodies are not compressed; 1 to 9: they are, all at the fastest level.",
     .min = 0,
     .max = 9},
};
constexpr auto kOptions = join_options(kElasticOptionTable, kOwnOptions);

Doubt::Mode dedupe_of(const Settings& settings) {
  const auto* const found = std::find(std::begin(kDedupes), std::end(kDedupes), settings.text("dedupe"));
  return static_cast<Doubt::Mode>(found - std::begin(kDedupes));
}

std::string bulk_path_of(const Settings& settings, const ElasticSettings& connection) {
  std::string path = fmt::format("/_bulk?{}", kBulkFilterPath);
  if (settings.has("pipeline") && !settings.text("pipeline").empty())
    path += "&pipeline=" + url_encoded(settings.text("pipeline"));
  if (!connection.parameters.empty()) path += "&" + connection.parameters;
  return path;
}

}  // namespace

Result<std::unique_ptr<Output>> make_elasticsearch_output(const Settings& settings, Fs& fs, const Clock& clock) {
  auto connection = elastic_settings(settings);
  if (!connection) return tl::unexpected(connection.error());
  auto names = IndexNames::make(settings);
  if (!names) return tl::unexpected(names.error());
  ElasticsearchSettings own;
  own.bulk_path = bulk_path_of(settings, *connection);
  own.connection = *std::move(connection);
  own.dedupe = dedupe_of(settings);
  own.streams = index_patterns(settings);
  if (settings.has("dead_letter_index")) own.dead_letter_index = settings.text("dead_letter_index");
  std::string allowed = own.dead_letter_index;
  if (!allowed.empty()) make_index_name(allowed);
  if (allowed != own.dead_letter_index)
    return fail(Errc::config, fmt::format("dead_letter_index: '{}' is not an allowed name", own.dead_letter_index));
  if (settings.integer("compression_level") == 0) {
    own.compression = Compression::none;
  } else if (settings.text("compression") == "zstd") {
    own.compression = Compression::zstd;
  }
  // The runner's; tests make outputs without it.
  if (settings.has("bulk_max_size"))
    own.absent_needed = kGroupsUnderWay * static_cast<size_t>(settings.integer("bulk_max_size"));
  return std::make_unique<ElasticsearchOutput>(std::move(own), *std::move(names), fs, clock);
}

namespace {

constexpr Component<Output> kElasticsearch = {
    .name = "elasticsearch",
    .summary = "Documents to Elasticsearch or OpenSearch, each exactly once in its data stream.",
    .options = kOptions,
    .make = [](const Settings& settings) -> Result<std::unique_ptr<Output>> {
      static PosixFs fs;
      static const SystemClock clock;
      return make_elasticsearch_output(settings, fs, clock);
    },
};

const Register<Output> kRegistered(kElasticsearch);

}  // namespace
}  // namespace acta
