// Policies that move old backing indices on, and the ingest pipeline.
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include "client/index_setup.h"

namespace acta {
namespace {

using rapidjson::Document;
using rapidjson::Pointer;
using Kind = ServerObject::Kind;

constexpr const char* kName = "actabeat";

/// Sets values of a body by JSON pointers.
struct Body {
  Document json{rapidjson::kObjectType};
  template <class T>
  Body& set(const char* at, const T& value) {
    Pointer(at).Set(json, value);
    return *this;
  }
  Body& set(const char* at, const std::string& value) { return set(at, value.c_str()); }
};

/// https://www.elastic.co/docs/manage-data/lifecycle/index-lifecycle-management; what the server would add by itself is
/// written out, so that it can be compared.
ServerObject ilm_policy(const IndexSetup& setup) {
  Body body;
  body.set("/policy/phases/hot/min_age", "0ms");
  body.set("/policy/phases/hot/actions/rollover/max_age", setup.rollover_age);
  body.set("/policy/phases/hot/actions/rollover/max_primary_shard_size", setup.rollover_size);
  if (!setup.retention.empty()) {
    body.set("/policy/phases/delete/min_age", setup.retention);
    body.set("/policy/phases/delete/actions/delete/delete_searchable_snapshot", true);
  }
  return marked_object(Kind::ilm_policy, kName, std::move(body.json));
}

/// https://docs.opensearch.org/latest/im-plugin/ism/policies/
ServerObject ism_policy(const IndexSetup& setup) {
  Body body;
  const auto retry = [&](const std::string& action) {
    body.set((action + "/retry/count").c_str(), 3);
    body.set((action + "/retry/backoff").c_str(), "exponential");
    body.set((action + "/retry/delay").c_str(), "1m");
  };
  body.set("/policy/default_state", "write");
  body.set("/policy/states/0/name", "write");
  retry("/policy/states/0/actions/0");
  body.set("/policy/states/0/actions/0/rollover/min_index_age", setup.rollover_age);
  body.set("/policy/states/0/actions/0/rollover/min_primary_shard_size", setup.rollover_size);
  body.set("/policy/states/0/actions/0/rollover/copy_alias", false);
  Pointer("/policy/states/0/transitions").Set(body.json, rapidjson::Value(rapidjson::kArrayType));
  if (!setup.retention.empty()) {
    body.set("/policy/states/0/transitions/0/state_name", "delete");
    body.set("/policy/states/0/transitions/0/conditions/min_index_age", setup.retention);
    body.set("/policy/states/1/name", "delete");
    retry("/policy/states/1/actions/0");
    Pointer("/policy/states/1/actions/0/delete").Set(body.json, rapidjson::Value(rapidjson::kObjectType));
    Pointer("/policy/states/1/transitions").Set(body.json, rapidjson::Value(rapidjson::kArrayType));
  }
  body.set("/policy/ism_template/0/index_patterns/0", "logs-actabeat.*");
  if (setup.compat == "auditd_manager") {
    body.set("/policy/ism_template/0/index_patterns/1", "logs-auditd_manager.auditd-*");
  } else if (setup.compat == "auditbeat") {
    body.set("/policy/ism_template/0/index_patterns/1", "auditbeat-actabeat-*");
  }
  body.set("/policy/ism_template/0/priority", 100);
  return marked_object(Kind::ism_policy, kName, std::move(body.json));
}

}  // namespace

ServerObject lifecycle_policy(const IndexSetup& setup) {
  return setup.lifecycle == Lifecycle::ism ? ism_policy(setup) : ilm_policy(setup);
}

ServerObject ingest_pipeline(const IndexSetup& setup) {
  Body body;
  body.set("/processors/0/set/field", "event.ingested");
  body.set("/processors/0/set/value", "{{_ingest.timestamp}}");
  int next = 1;
  if (setup.geoip) {
    for (const std::string side : {"source", "destination"}) {
      const std::string at = "/processors/" + std::to_string(next++) + "/geoip/";
      body.set((at + "field").c_str(), side + ".ip");
      body.set((at + "target_field").c_str(), side + ".geo");
      body.set((at + "ignore_missing").c_str(), true);
      body.set((at + "ignore_failure").c_str(), true);  // no place is no reason to refuse a document
    }
  }
  return marked_object(Kind::pipeline, kName, std::move(body.json));
}

}  // namespace acta
