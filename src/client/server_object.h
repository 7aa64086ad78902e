#pragma once
#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace acta {

/// One thing that `actabeat setup` makes on a server.
struct ServerObject {
  enum class Kind : uint8_t { component_template, index_template, ilm_policy, ism_policy, pipeline };
  Kind kind{};
  std::string name{};
  std::string body{};      ///< JSON, marked as ours
  bool seed_only = false;  ///< the user's to fill: made when missing, never looked at again

  [[nodiscard]] std::string_view kind_name() const;
  /// Path of its API: "/_component_template/actabeat-mappings".
  [[nodiscard]] std::string path() const;
};

/// Gives a body its mark: who made it, and a hash of its content, by which a later setup tells what a user has changed.
/// Elasticsearch and OpenSearch keep it in _meta, or in the description where there is no _meta.
ServerObject marked_object(ServerObject::Kind kind, std::string name, rapidjson::Document body);

/// What became of an object since it was made.
enum class ObjectState : uint8_t {
  same,      ///< as it has to be
  outdated,  ///< as another version, or other settings, of ours made it
  changed,   ///< ours once, then changed by somebody
  foreign    ///< of that name, but not ours
};

/// Compares with the server's answer to GET of its path; nothing when the answer does not hold it.
std::optional<ObjectState> compare(const ServerObject& wanted, std::string_view answer);

/// Parameters by which an ISM policy that the answer holds is replaced: "?if_seq_no=…&if_primary_term=…".
std::string ism_condition(std::string_view answer);

}  // namespace acta
