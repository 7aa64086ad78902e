#pragma once
#include <memory>

#include "processors/audit/assembler.h"
#include "processors/decoder.h"
#include "sys/services.h"

namespace acta::audit {

struct DecoderOptions {
  AssemblerLimits assembly;
  size_t args_bytes_max = 128u << 10;  ///< process.args of one event; what is beyond is cut and said in actabeat.truncated
};

/// Audit records -> events: Assembler, then Normalizer. `services` outlives the decoder.
std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options);

}  // namespace acta::audit
