// Component and index templates.
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <string>
#include <string_view>

#include "client/index_setup.h"
#include "event/field.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using rapidjson::Value;
using Kind = ServerObject::Kind;

constexpr const char* kMappings = "actabeat-mappings";
constexpr const char* kSettings = "actabeat-settings";
constexpr const char* kCustom = "actabeat-custom";
constexpr const char* kPipeline = "actabeat";
constexpr const char* kPolicy = "actabeat";

// ECS: longer keywords are kept in the document, but not searched for.
constexpr int kKeywordCharsMax = 1024;
// Lucene takes 32,766 bytes in one term or doc value; a character of UTF-16 is three bytes of UTF-8 at most.
constexpr int kLongKeywordCharsMax = 8191;
constexpr const char* kFieldsMax = "2000";
// Above the templates that servers bring along for logs-*-* (100) and those of Fleet (200).
constexpr int kPriority = 250;
constexpr const char* kDatasets[] = {"actabeat.audit",   "actabeat.accounting", "actabeat.session",
                                     "actabeat.machine", "actabeat.health",     "actabeat.lost"};

/// The mappings of one index, built field by field.
class Mappings {
 public:
  explicit Mappings(const IndexFeatures& features) : features_(features) {
    body_.SetObject();
    set("/template/mappings/dynamic", false);
    set("/template/mappings/date_detection", false);
    set("/template/mappings/numeric_detection", false);
  }

  void add(const FieldInfo& field) {
    switch (field.type) {
      case FieldType::keyword:
        keyword(field.name, field.index);
        break;
      case FieldType::wildcard:
        wildcard(field.name);
        break;
      case FieldType::match_only_text:
        type(path(field.name), text_type());
        break;
      case FieldType::constant_keyword:
        // Its value, which is that of the stream, stands in the index template.
        type(path(field.name), features_.constant_keyword ? "constant_keyword" : "keyword");
        break;
      case FieldType::ip:
        type(path(field.name), "ip");
        break;
      case FieldType::integer:
        type(path(field.name), "long");
        break;
      case FieldType::floating:
        type(path(field.name), "float");
        break;
      case FieldType::boolean:
        type(path(field.name), "boolean");
        break;
      case FieldType::date:
        type(path(field.name), "date");
        break;
      case FieldType::map:
      case FieldType::objects:
        object(field);
        break;
    }
    if (field.text) type(path(field.name) + "/fields/text", text_type());
  }

  void keyword(std::string_view name, bool index = true) {
    type(path(name), "keyword");
    if (index) return set(path(name) + "/ignore_above", kKeywordCharsMax);
    set(path(name) + "/index", false);
    set(path(name) + "/doc_values", false);
  }

  /// What the server's pipeline adds.
  void server_fields(bool geoip) {
    type(path("event.ingested"), "date");
    if (!geoip) return;
    for (const char* side : {"source.geo", "destination.geo"}) {
      for (const char* name :
           {"city_name", "continent_name", "country_iso_code", "country_name", "region_iso_code", "region_name"})
        keyword(fmt::format("{}.{}", side, name));
      type(path(fmt::format("{}.location", side)), "geo_point");
    }
  }

  void not_malformed(std::string_view name) { set(path(name) + "/ignore_malformed", false); }

  Document take() { return std::move(body_); }

 private:
  static std::string path(std::string_view name) {
    std::string out = "/template/mappings";
    while (!name.empty()) {
      const size_t dot = name.find('.');
      out += "/properties/";
      out += name.substr(0, dot);
      name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
    }
    return out;
  }

  void type(const std::string& at, const char* name) { set(at + "/type", name); }
  void set(const std::string& at, const std::string& value) { set(at, value.c_str()); }
  template <class T>
  void set(const std::string& at, T value) {
    Pointer(at.c_str()).Set(body_, value);
  }

  [[nodiscard]] const char* text_type() const { return features_.match_only_text ? "match_only_text" : "text"; }

  void wildcard(std::string_view name) {
    const bool known = features_.wildcard;
    type(path(name), known ? "wildcard" : "keyword");
    if (!known) set(path(name) + "/ignore_above", kLongKeywordCharsMax);
  }

  /// Its keys are those of the configuration, so that they may make mappings: keywords.
  void labels(const std::string& at) {
    type(at, "object");
    set(at + "/dynamic", true);
    const std::string rule = "/template/mappings/dynamic_templates/0/labels";
    set(rule + "/path_match", "labels.*");
    set(rule + "/mapping/type", "keyword");
    set(rule + "/mapping/ignore_above", kKeywordCharsMax);
  }

  /// Keys that are known, each a keyword. Others: for their sake no document is refused and no mapping grows.
  void object(const FieldInfo& field) {
    if (field.name == "labels") {
      return labels(path(field.name));
    }
    if (field.keys.empty() && features_.flattened) {
      type(path(field.name), "flattened");
      return set(path(field.name) + "/ignore_above", kKeywordCharsMax);
    }
    type(path(field.name), "object");
    if (field.keys.empty()) return set(path(field.name) + "/enabled", false);
    set(path(field.name) + "/dynamic", false);
    for (std::string_view rest = field.keys; !rest.empty(); rest.remove_prefix(rest.find(' ') + 1))
      keyword(fmt::format("{}.{}", field.name, rest.substr(0, rest.find(' '))));
  }

  const IndexFeatures features_;
  Document body_;
};

struct Stream {
  std::string name, pattern, dataset, alias{};
};

ServerObject index_template(const IndexSetup& setup, const Stream& stream) {
  Document body(rapidjson::kObjectType);
  const auto set = [&](const char* at, const auto& value) { Pointer(at).Set(body, value); };
  set("/index_patterns/0", stream.pattern.c_str());
  set("/priority", kPriority);
  Pointer("/data_stream").Set(body, Value(rapidjson::kObjectType));
  set("/composed_of/0", kMappings);
  set("/composed_of/1", kSettings);
  set("/composed_of/2", kCustom);
  if (!stream.alias.empty())
    Pointer(("/template/aliases/" + stream.alias).c_str()).Set(body, Value(rapidjson::kObjectType));
  // The documents do not carry these: the index knows them.
  if (setup.features.constant_keyword) {
    const std::string below = "/template/mappings/properties/data_stream/properties/";
    set((below + "type/type").c_str(), "constant_keyword");
    set((below + "type/value").c_str(), "logs");
    set((below + "dataset/type").c_str(), "constant_keyword");
    set((below + "dataset/value").c_str(), stream.dataset.c_str());
  }
  return marked_object(Kind::index_template, stream.name, std::move(body));
}

}  // namespace

ServerObject mappings_template(const IndexSetup& setup) {
  Mappings mappings(setup.features);
  for (uint16_t i = 0; i < kFieldCount; ++i) mappings.add(field_info(FieldId{i}));
  mappings.not_malformed("@timestamp");  // data streams want it so
  mappings.server_fields(setup.geoip);
  return marked_object(Kind::component_template, kMappings, mappings.take());
}

ServerObject settings_template(const IndexSetup& setup) {
  Document body(rapidjson::kObjectType);
  const auto set = [&](const char* at, const char* value) { Pointer(at).Set(body, value); };
  set("/template/settings/index/codec", "best_compression");
  set("/template/settings/index/mapping/ignore_malformed", "true");
  set("/template/settings/index/mapping/total_fields/limit", kFieldsMax);
  if (!setup.shards.empty()) set("/template/settings/index/number_of_shards", setup.shards.c_str());
  if (!setup.replicas.empty()) set("/template/settings/index/number_of_replicas", setup.replicas.c_str());
  if (setup.pipeline) set("/template/settings/index/final_pipeline", kPipeline);
  if (setup.lifecycle == Lifecycle::ilm) set("/template/settings/index/lifecycle/name", kPolicy);
  if (setup.lifecycle == Lifecycle::data_stream) {
    Pointer("/template/lifecycle/enabled").Set(body, true);
    if (!setup.retention.empty()) set("/template/lifecycle/data_retention", setup.retention.c_str());
  }
  return marked_object(Kind::component_template, kSettings, std::move(body));
}

std::vector<ServerObject> index_templates(const IndexSetup& setup) {
  std::vector<ServerObject> all;
  for (const char* dataset : kDatasets)
    all.push_back(index_template(setup, {dataset, fmt::format("logs-{}-*", dataset), dataset}));
  // Streams that rules and dashboards of others look at; each has an alias among those that the other's look at.
  if (setup.compat == "auditd_manager") {
    all.push_back(index_template(setup, {"actabeat.auditd_manager", "logs-auditd_manager.auditd-*",
                                         "auditd_manager.auditd", "auditbeat-actabeat"}));
  } else if (setup.compat == "auditbeat") {
    all.push_back(index_template(setup, {"actabeat.auditbeat", "auditbeat-actabeat-*", "actabeat.audit",
                                         "logs-auditd_manager.auditd-actabeat"}));
  }
  return all;
}

std::vector<ServerObject> server_objects(const IndexSetup& setup) {
  std::vector<ServerObject> all;
  if (setup.lifecycle == Lifecycle::ilm || setup.lifecycle == Lifecycle::ism) all.push_back(lifecycle_policy(setup));
  if (setup.pipeline) all.push_back(ingest_pipeline(setup));
  all.push_back(mappings_template(setup));
  all.push_back(settings_template(setup));
  Document custom(rapidjson::kObjectType);
  Pointer("/template").Set(custom, Value(rapidjson::kObjectType));
  all.push_back(marked_object(Kind::component_template, kCustom, std::move(custom)));
  all.back().seed_only = true;
  for (ServerObject& each : index_templates(setup)) all.push_back(std::move(each));
  return all;
}

}  // namespace acta
