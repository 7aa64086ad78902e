#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "processors/audit/assembler.h"
#include "processors/decoder.h"
#include "sys/services.h"

namespace acta::audit {

struct DecoderOptions {
  AssemblerLimits assembly;
  size_t args_bytes_max =
      128u << 10;  ///< process.args of one event; what is beyond is cut and said in actabeat.truncated
  /// Takes, for each event, the lines that tell where each field of its records went (explain.h). None: events are not
  /// explained.
  std::function<void(std::string_view lines)> explain{};
};

/// Audit records -> events: Assembler, then Normalizer. A line that is no record becomes a document of kind
/// pipeline_error with its text. `services` outlives the decoder.
std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options);

}  // namespace acta::audit
