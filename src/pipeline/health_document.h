#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "event/event.h"
#include "event/loss.h"
#include "sys/services.h"

namespace acta {

/// What an input came to since the agent started.
struct HealthFigures {
  uint64_t read = 0, in_documents = 0, duplicates = 0, filtered = 0, refused = 0, skipped = 0;  ///< records
  uint64_t open = 0;                          ///< records of events that are not complete yet
  uint64_t documents = 0;                     ///< given out
  uint64_t incomplete = 0;                    ///< of them, those that miss records
  std::array<uint64_t, kLossReasons> lost{};  ///< by reason, the least it can be; overruns of the socket as times
};

/// What an output came to since the agent started.
struct OutputFigures {
  uint64_t waiting = 0;                               ///< documents in the queue that it is not done with
  uint64_t accepted = 0, rejected = 0, given_up = 0;  ///< documents
  uint64_t retried = 0;                               ///< refusals that are tried again
  uint64_t connect_failed = 0;
  Nanos failing_for = 0;  ///< how long every attempt has failed
};

/// Writes the periodic health document of an input (dataset actabeat.health): one ledger of what was received, became
/// documents, is incomplete, and was lost where. `now` is the real time.
void write_health(const Services& services, std::string_view input, const HealthFigures& figures, Nanos now,
                  Event& out);

/// The same of an output: how deep the queue is for it, and what became of its documents.
void write_output_health(const Services& services, std::string_view output, const OutputFigures& figures, Nanos now,
                         Event& out);

}  // namespace acta
