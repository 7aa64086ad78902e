#include "client/index_setup.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <set>

#include "event/field.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using Kind = ElasticServer::Kind;

Document parse(const std::string& text) {
  Document document;
  document.Parse(text.c_str());
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}

std::string at(const Document& document, const std::string& pointer) {
  const rapidjson::Value* value = Pointer(pointer.c_str()).Get(document);
  if (value == nullptr) return "-";
  if (value->IsString()) return value->GetString();
  if (value->IsBool()) return value->GetBool() ? "true" : "false";
  return value->IsInt() ? std::to_string(value->GetInt()) : "?";
}

IndexSetup setup_for(Kind kind, int major, int minor) {
  IndexSetup setup;
  setup.features = index_features(kind, major, minor);
  setup.rollover_age = "30d";
  setup.rollover_size = "50gb";
  setup.compat = "none";
  return setup;
}

/// The mapping of a field: "keyword", "wildcard" …; "-" when there is none.
std::string type_of(const Document& body, const std::string& field, const std::string& what = "type") {
  std::string pointer = "/template/mappings";
  for (size_t from = 0; from <= field.size();) {
    const size_t dot = std::min(field.find('.', from), field.size());
    pointer += "/properties/" + field.substr(from, dot - from);
    from = dot + 1;
  }
  return at(body, pointer + "/" + what);
}

TEST(MappingsTemplate, HasEveryField) {
  for (const Kind kind : {Kind::elasticsearch, Kind::opensearch}) {
    const Document body = parse(mappings_template(setup_for(kind, 9, 0)).body);
    for (uint16_t i = 0; i < kFieldCount; ++i) {
      const FieldInfo& field = field_info(FieldId{i});
      EXPECT_NE(type_of(body, std::string(field.name)), "-") << field.name;
      EXPECT_EQ(type_of(body, std::string(field.name), "fields/text/type"), field.text ? "match_only_text" : "-");
    }
    EXPECT_EQ(type_of(body, "event.ingested"), "date");
    EXPECT_EQ(type_of(body, "@timestamp", "ignore_malformed"), "false") << "data streams want it";
    EXPECT_EQ(type_of(body, "event.original", "index"), "false");
    EXPECT_EQ(at(body, "/template/mappings/dynamic"), "false") << "what is not in the list is kept, but not mapped";
  }
}

TEST(MappingsTemplate, LetsNoRecordMakeAMapping) {
  for (const Kind kind : {Kind::elasticsearch, Kind::opensearch}) {
    const Document body = parse(mappings_template(setup_for(kind, 3, 0)).body);
    for (uint16_t i = 0; i < kFieldCount; ++i) {
      const FieldInfo& field = field_info(FieldId{i});
      if (field.type != FieldType::map && field.type != FieldType::objects) continue;
      const std::string name(field.name);
      if (name == "labels") continue;  // keys of the configuration
      const bool closed = type_of(body, name, "dynamic") == "false" || type_of(body, name, "enabled") == "false" ||
                          type_of(body, name) == "flattened";
      EXPECT_TRUE(closed) << name;
    }
    EXPECT_EQ(type_of(body, "auditd.data.exit"), "keyword");
    EXPECT_EQ(type_of(body, "auditd.data.exit", "ignore_above"), "1024");
    EXPECT_EQ(type_of(body, "auditd.data.socket.family"), "keyword");
    EXPECT_EQ(type_of(body, "auditd.paths.interpreted.mode"), "keyword");
  }
}

TEST(MappingsTemplate, TakesTheTypesThatTheServerHas) {
  const auto types = [](Kind kind, int major, int minor) {
    const Document body = parse(mappings_template(setup_for(kind, major, minor)).body);
    return type_of(body, "process.command_line") + " " + type_of(body, "message") + " " +
           type_of(body, "data_stream.dataset") + " " + type_of(body, "auditd.bytes") + " " +
           type_of(body, "auditd.data", "dynamic");
  };
  EXPECT_EQ(types(Kind::elasticsearch, 9, 5), "wildcard match_only_text constant_keyword flattened false");
  EXPECT_EQ(types(Kind::elasticsearch, 8, 11), "wildcard match_only_text constant_keyword flattened false");
  EXPECT_EQ(types(Kind::opensearch, 3, 8), "keyword match_only_text keyword object false");
  EXPECT_EQ(types(Kind::opensearch, 2, 11), "keyword text keyword object false");
}

TEST(IndexTemplates, AreOneForEachStream) {
  IndexSetup setup = setup_for(Kind::elasticsearch, 9, 0);
  const auto patterns = [&] {
    std::string all;
    for (const ServerObject& object : index_templates(setup))
      all += at(parse(object.body), "/index_patterns/0") + "=" +
             at(parse(object.body), "/template/mappings/properties/data_stream/properties/dataset/value") + " ";
    return all;
  };
  const std::string own =
      "logs-actabeat.audit-*=actabeat.audit logs-actabeat.accounting-*=actabeat.accounting "
      "logs-actabeat.session-*=actabeat.session logs-actabeat.machine-*=actabeat.machine "
      "logs-actabeat.health-*=actabeat.health logs-actabeat.lost-*=actabeat.lost ";
  EXPECT_EQ(patterns(), own);
  setup.compat = "auditd_manager";
  EXPECT_EQ(patterns(), own + "logs-auditd_manager.auditd-*=auditd_manager.auditd ");
  EXPECT_NE(at(parse(index_templates(setup).back().body), "/template/aliases/auditbeat-actabeat"), "-");
  setup.compat = "auditbeat";
  EXPECT_EQ(patterns(), own + "auditbeat-actabeat-*=actabeat.audit ");
}

TEST(SettingsTemplate, NamesWhatTheServerHas) {
  IndexSetup setup = setup_for(Kind::elasticsearch, 9, 0);
  Document body = parse(settings_template(setup).body);
  EXPECT_EQ(at(body, "/template/settings/index/final_pipeline"), "-");
  EXPECT_EQ(at(body, "/template/settings/index/lifecycle/name"), "-");
  EXPECT_EQ(at(body, "/template/settings/index/number_of_shards"), "-");
  setup.pipeline = true;
  setup.lifecycle = Lifecycle::ilm;
  setup.shards = "3";
  setup.replicas = "0";
  body = parse(settings_template(setup).body);
  EXPECT_EQ(at(body, "/template/settings/index/final_pipeline"), "actabeat");
  EXPECT_EQ(at(body, "/template/settings/index/lifecycle/name"), "actabeat");
  EXPECT_EQ(at(body, "/template/settings/index/number_of_shards"), "3");
  EXPECT_EQ(at(body, "/template/settings/index/number_of_replicas"), "0");
  setup.lifecycle = Lifecycle::data_stream;
  setup.retention = "365d";
  body = parse(settings_template(setup).body);
  EXPECT_EQ(at(body, "/template/settings/index/lifecycle/name"), "-");
  EXPECT_EQ(at(body, "/template/lifecycle/data_retention"), "365d");
}

TEST(LifecyclePolicy, DeletesNothingUnlessAsked) {
  IndexSetup setup = setup_for(Kind::elasticsearch, 9, 0);
  setup.lifecycle = Lifecycle::ilm;
  Document body = parse(lifecycle_policy(setup).body);
  EXPECT_EQ(at(body, "/policy/phases/hot/actions/rollover/max_age"), "30d");
  EXPECT_EQ(at(body, "/policy/phases/delete/min_age"), "-");
  setup.retention = "365d";
  body = parse(lifecycle_policy(setup).body);
  EXPECT_EQ(at(body, "/policy/phases/delete/min_age"), "365d");
  setup.lifecycle = Lifecycle::ism;
  body = parse(lifecycle_policy(setup).body);
  EXPECT_EQ(at(body, "/policy/states/0/transitions/0/conditions/min_index_age"), "365d");
  EXPECT_EQ(at(body, "/policy/states/1/name"), "delete");
  setup.retention.clear();
  body = parse(lifecycle_policy(setup).body);
  EXPECT_EQ(at(body, "/policy/states/1/name"), "-");
}

TEST(IngestPipeline, AsksForPlacesOnlyWhenWanted) {
  IndexSetup setup = setup_for(Kind::opensearch, 3, 0);
  EXPECT_EQ(ingest_pipeline(setup).body.find("geoip"), std::string::npos);
  setup.geoip = true;
  const Document body = parse(ingest_pipeline(setup).body);
  EXPECT_EQ(at(body, "/processors/1/geoip/target_field"), "source.geo");
  EXPECT_EQ(at(body, "/processors/2/geoip/ignore_failure"), "true");
  EXPECT_EQ(type_of(parse(mappings_template(setup).body), "source.geo.location"), "geo_point");
}

/// What a server answers that keeps the object as it was sent.
std::string answer_of(const ServerObject& object, const std::string& body) {
  switch (object.kind) {
    case ServerObject::Kind::component_template:
      return R"({"component_templates":[{"name":")" + object.name + R"(","component_template":)" + body + "}]}";
    case ServerObject::Kind::index_template:
      return R"({"index_templates":[{"name":")" + object.name + R"(","index_template":)" + body + "}]}";
    case ServerObject::Kind::ism_policy:
      return R"({"_id":"actabeat","_seq_no":7,"_primary_term":2,)" + body.substr(body.find('{') + 1);
    case ServerObject::Kind::ilm_policy:
      return "{\"" + object.name + "\":{\"version\":1," + body.substr(body.find('{') + 1) + "}";
    case ServerObject::Kind::pipeline:
      break;
  }
  return "{\"" + object.name + "\":" + body + "}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t found = text.find(from);
  EXPECT_NE(found, std::string::npos) << from;
  return found == std::string::npos ? text : text.replace(found, from.size(), to);
}

TEST(ServerObject, TellsWhatBecameOfIt) {
  for (const Lifecycle lifecycle : {Lifecycle::ilm, Lifecycle::ism}) {
    IndexSetup setup = setup_for(Kind::elasticsearch, 9, 0);
    setup.pipeline = true;
    setup.lifecycle = lifecycle;
    setup.retention = "1d";
    const std::vector<ServerObject> before = server_objects(setup);
    setup.retention = "2d";
    setup.shards = "2";
    setup.geoip = true;
    const std::vector<ServerObject> now = server_objects(setup);
    ASSERT_EQ(before.size(), now.size());
    size_t outdated = 0;
    for (size_t i = 0; i < now.size(); ++i) {
      EXPECT_EQ(compare(now[i], answer_of(now[i], now[i].body)), ObjectState::same) << now[i].name;
      const auto state = compare(now[i], answer_of(before[i], before[i].body));
      if (before[i].body != now[i].body) {
        EXPECT_EQ(state, ObjectState::outdated) << now[i].name;
        ++outdated;
      }
    }
    EXPECT_EQ(outdated, 4u) << "policy, pipeline, mappings, settings";
  }
}

TEST(ServerObject, TellsWhatAUserHasChanged) {
  IndexSetup setup = setup_for(Kind::elasticsearch, 9, 0);
  setup.lifecycle = Lifecycle::ilm;
  setup.pipeline = true;
  const auto changed = [](const ServerObject& object, const std::string& from, const std::string& to) {
    return compare(object, answer_of(object, replaced(object.body, from, to)));
  };
  EXPECT_EQ(changed(settings_template(setup), "best_compression", "default"), ObjectState::changed);
  EXPECT_EQ(changed(mappings_template(setup), "1024", "4096"), ObjectState::changed);
  EXPECT_EQ(changed(lifecycle_policy(setup), "30d", "7d"), ObjectState::changed);
  EXPECT_EQ(changed(ingest_pipeline(setup), "event.ingested", "event.other"), ObjectState::changed);
  EXPECT_EQ(changed(index_templates(setup)[0], "250", "300"), ObjectState::changed);
  // Without our mark it is somebody else's, whatever it holds.
  EXPECT_EQ(compare(settings_template(setup),
                    R"({"component_templates":[{"component_template":{"template":{"settings":{}}}}]})"),
            ObjectState::foreign);
  // A server's own additions and its way to write settings are no change.
  EXPECT_EQ(changed(index_templates(setup)[0], "\"data_stream\": {}", "\"data_stream\": {\"hidden\": false}"),
            ObjectState::same);
  EXPECT_EQ(compare(settings_template(setup), "not JSON"), std::nullopt);
  EXPECT_EQ(compare(settings_template(setup), R"({"component_templates":[]})"), std::nullopt);
}

TEST(ServerObject, NamesTheVersionOfAnIsmPolicy) {
  EXPECT_EQ(ism_condition(R"({"_id":"a","_seq_no":7,"_primary_term":2,"policy":{}})"),
            "?if_seq_no=7&if_primary_term=2");
  EXPECT_EQ(ism_condition("{}"), "");
}

}  // namespace
}  // namespace acta
