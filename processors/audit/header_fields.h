#pragma once
#include <string>
#include <string_view>

#include "processors/audit/draft.h"
#include "sys/services.h"

namespace acta::audit {

/// Writes what a document has whatever its event: @timestamp,
/// event.{id,module,dataset,provider,code,sequence,created,original}, auditd.{record_types,
/// message_type,sequence,session,node}, actabeat.{fingerprint,offset,record_offsets}, tags. One thread.
class HeaderFields {
 public:
  explicit HeaderFields(const Services& services) : host_id_(services.host_id) {}

  /// `incomplete`: records are missing, so that the plain id is not this document's.
  void write(Draft& draft, bool incomplete);

 private:
  void write_id(Draft& draft, bool incomplete);
  static void write_types(Draft& draft);
  static void write_tags(Draft& draft);
  static void write_original(Draft& draft, const Origin& origin);

  std::string host_id_;
};

/// Appends `SEC.MMM:SERIAL` as in the records.
void append_stamp(const EventKey& key, std::string& out);

inline constexpr std::string_view kModule = "actabeat";
inline constexpr std::string_view kAuditDataset = "actabeat.audit";

}  // namespace acta::audit
