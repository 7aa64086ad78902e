#include "pipeline/health_document.h"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace acta {

using enum FieldId;

namespace {

using Number = std::pair<FieldId, uint64_t>;

void write(const Services& services, std::string_view about, std::span<const Number> numbers, Nanos now, Event& out) {
  out.clear();
  if (services.parts != nullptr) out.set_constant(services.parts->own());
  out.set_time(kTimestamp, now);
  out.set_time(kEventCreated, now);
  out.set_view(kEventKind, "metric");
  out.add_view(kEventType, "info");
  out.set_view(kEventModule, "actabeat");
  out.set_view(kEventDataset, "actabeat.health");
  out.set_view(kEventAction, "health");
  out.set(kEventId, fmt::format("{}:health:{}:{}", services.host_id, about, now));
  for (const auto& [field, number] : numbers) out.set(field, static_cast<int64_t>(number));
}

}  // namespace

void write_health(const Services& services, std::string_view input, const HealthFigures& figures, Nanos now,
                  Event& out) {
  const auto lost = [&](LossReason reason) { return figures.lost[static_cast<size_t>(reason)]; };
  const uint64_t of_queue =
      lost(LossReason::queue_dropped) + lost(LossReason::expired) + lost(LossReason::spool_damaged);
  const uint64_t gaps = lost(LossReason::serial_gap) + lost(LossReason::pipe_gap) + lost(LossReason::file_gap) +
                        lost(LossReason::topic_gap);
  const Number numbers[] = {
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
  write(services, input, numbers, now, out);
  out.set(kActabeatInput, input);
}

void write_output_health(const Services& services, std::string_view output, const OutputFigures& figures, Nanos now,
                         Event& out) {
  const Number numbers[] = {
      {kActabeatHealthOutputWaiting, figures.waiting},
      {kActabeatHealthOutputAccepted, figures.accepted},
      {kActabeatHealthOutputRejected, figures.rejected},
      {kActabeatHealthOutputGivenUp, figures.given_up},
      {kActabeatHealthOutputRetried, figures.retried},
      {kActabeatHealthOutputConnectFailed, figures.connect_failed},
      {kActabeatHealthOutputFailingNs, static_cast<uint64_t>(figures.failing_for)},
  };
  write(services, fmt::format("output:{}", output), numbers, now, out);
  out.set(kActabeatOutput, output);
}

}  // namespace acta
