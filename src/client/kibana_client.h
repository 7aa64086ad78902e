#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fs.h"
#include "client/kibana_settings.h"

namespace acta {

/// What answered as Kibana or OpenSearch Dashboards.
struct KibanaServer {
  bool opensearch_dashboards = false;
  std::string version;  ///< as told: "8.12.2"; empty where it is kept from us

  [[nodiscard]] std::string_view name() const { return opensearch_dashboards ? "OpenSearch Dashboards" : "Kibana"; }
};

/// One object that an import did not take.
struct KibanaRefusal {
  std::string type, id, title;
  std::string why;  ///< "missing_references: index-pattern x", one printable line
};

/// What an import did.
struct KibanaImport {
  size_t loaded = 0;
  std::vector<KibanaRefusal> refused;
};

/// Loads saved objects into Kibana (7.10 and later) or OpenSearch Dashboards through their common API. One thread.
class KibanaClient {
 public:
  /// `clock` and `fs` must outlive it.
  KibanaClient(KibanaSettings settings, const Clock& clock, Fs& fs);

  /// Asks who is there. Errc::denied when it does not let us in, Errc::unsupported when it is something else.
  Result<KibanaServer> server(Nanos deadline);

  /// Loads an NDJSON file; objects that are there already are replaced. A refusal of single objects is a result.
  Result<KibanaImport> import(const KibanaServer& server, std::string_view ndjson, Nanos deadline);

  /// "https://kibana:5601/base/s/audit": with the space.
  [[nodiscard]] std::string place() const;

 private:
  const KibanaSettings settings_;
  const Clock& clock_;
  Fs& fs_;
};

}  // namespace acta
