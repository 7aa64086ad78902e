#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "client/index_types.h"
#include "client/server_object.h"

namespace acta {

/// What moves old backing indices on, as far as a server has it.
enum class Lifecycle : uint8_t {
  none,
  ilm,          ///< Elasticsearch's index lifecycle management
  data_stream,  ///< Elasticsearch's data stream lifecycle, where there is no ILM
  ism           ///< OpenSearch's index state management
};

/// What `actabeat setup` is asked for, on what server.
struct IndexSetup {
  IndexFeatures features{};
  Lifecycle lifecycle = Lifecycle::none;
  bool pipeline = false;       ///< an ingest pipeline for event.ingested
  bool geoip = false;          ///< and for source.geo, destination.geo
  std::string shards{};        ///< number_of_shards; empty for the server's default
  std::string replicas{};      ///< number_of_replicas; the same
  std::string rollover_age{};  ///< of a backing index, in the server's words: "30d"
  std::string rollover_size{};
  std::string retention{};  ///< "365d"; empty: documents are kept for ever
  std::string compat{};     ///< as the output's: "none", "auditd_manager", "auditbeat"
};

/// All that a server gets, in the order in which it has to get it: policy, pipeline, component templates, index
/// templates. Made of the field list (src/event/fields.yaml).
std::vector<ServerObject> server_objects(const IndexSetup& setup);

/// The parts of it, for `actabeat export`.
ServerObject mappings_template(const IndexSetup& setup);
ServerObject settings_template(const IndexSetup& setup);
std::vector<ServerObject> index_templates(const IndexSetup& setup);
/// Kind policy, of Lifecycle::ilm or ism.
ServerObject lifecycle_policy(const IndexSetup& setup);
ServerObject ingest_pipeline(const IndexSetup& setup);

}  // namespace acta
