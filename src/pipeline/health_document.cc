#include "pipeline/health_document.h"

#include <fmt/format.h>

#include <utility>

namespace acta {

using enum FieldId;

void write_health(const Services& services, std::string_view input, const HealthFigures& figures, Nanos now,
                  Event& out) {
  const auto lost = [&](LossReason reason) { return figures.lost[static_cast<size_t>(reason)]; };
  const uint64_t of_queue =
      lost(LossReason::queue_dropped) + lost(LossReason::expired) + lost(LossReason::spool_damaged);
  const uint64_t gaps = lost(LossReason::serial_gap) + lost(LossReason::pipe_gap) + lost(LossReason::file_gap) +
                        lost(LossReason::topic_gap);
  const std::pair<FieldId, uint64_t> numbers[] = {
      {kActabeatHealthRecordsRead, figures.read},
      {kActabeatHealthRecordsInDocuments, figures.in_documents},
      {kActabeatHealthRecordsDuplicates, figures.duplicates},
      {kActabeatHealthRecordsFiltered, figures.filtered},
      {kActabeatHealthRecordsRefused, figures.refused},
      {kActabeatHealthRecordsSkipped, figures.skipped},
      {kActabeatHealthRecordsOpen, figures.open},
      {kActabeatHealthDocuments, figures.documents},
      {kActabeatHealthIncomplete, figures.incomplete},
      {kActabeatHealthLostKernel, lost(LossReason::kernel_backlog)},
      {kActabeatHealthLostSocket, lost(LossReason::socket_overrun)},
      {kActabeatHealthLostGaps, gaps},
      {kActabeatHealthLostRing, lost(LossReason::ring_full)},
      {kActabeatHealthLostQueue, of_queue},
  };
  out.clear();
  if (services.parts != nullptr) out.set_constant(services.parts->own());
  out.set_time(kTimestamp, now);
  out.set_time(kEventCreated, now);
  out.set_view(kEventKind, "metric");
  out.add_view(kEventType, "info");
  out.set_view(kEventModule, "actabeat");
  out.set_view(kEventDataset, "actabeat.health");
  out.set_view(kEventAction, "health");
  out.set(kEventId, fmt::format("{}:health:{}:{}", services.host_id, input, now));
  out.set(kActabeatInput, input);
  for (const auto& [field, number] : numbers) out.set(field, static_cast<int64_t>(number));
}

}  // namespace acta
