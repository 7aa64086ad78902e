#include "processors/audit/unparsable.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <iterator>
#include <string>

#include "event/encoder.h"
#include "processors/audit/header_fields.h"

namespace acta::audit {

void write_unparsable(const Services& services, const RawItem& item, std::string_view what, Nanos read_at, Event& out) {
  out.clear();
  if (services.parts != nullptr) out.set_constant(services.parts->own());
  out.set_time(FieldId::kTimestamp, read_at);
  out.set_time(FieldId::kEventCreated, read_at);
  out.set_view(FieldId::kEventKind, "pipeline_error");
  out.set_view(FieldId::kEventModule, kModule);
  out.set_view(FieldId::kEventDataset, kAuditDataset);
  out.set(FieldId::kErrorMessage, fmt::format("not an audit record: {}", what));
  out.set_view(FieldId::kErrorType, "unparsable-record");
  const std::string_view fingerprint =
      item.origin != nullptr ? std::string_view(item.origin->fingerprint) : std::string_view{};
  out.set(FieldId::kEventId, fmt::format("{}:{}:{}~{:016x}", services.host_id, fingerprint, item.begin.offset,
                                         XXH3_64bits(item.bytes.data(), item.bytes.size())));
  if (item.origin != nullptr && !item.origin->path.empty()) {
    out.set(FieldId::kLogFilePath, item.origin->path);
    out.set(FieldId::kActabeatOffset, static_cast<int64_t>(item.begin.offset));
  }
  out.set_view(FieldId::kEventOriginal, item.bytes);
  if (is_utf8(item.bytes)) return;
  std::string hex;
  hex.reserve(2 * item.bytes.size());
  for (const char c : item.bytes) fmt::format_to(std::back_inserter(hex), "{:02X}", static_cast<unsigned char>(c));
  out.set(FieldId::kActabeatRawHex, hex);
}

}  // namespace acta::audit
