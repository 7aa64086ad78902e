#pragma once
#include <memory>

#include "processors/decoder.h"
#include "sys/services.h"

namespace acta::accounting {

struct DecoderOptions {
  unsigned ahz = 100;  ///< ticks per second of records that do not say (v0, v1)
};

/// Accounting records (acct(5), versions 0 to 3, both byte orders) -> process-end events. `services` outlives the decoder.
std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options);

}  // namespace acta::accounting
