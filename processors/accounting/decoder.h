#pragma once
#include <cstdint>
#include <memory>

#include "processors/decoder.h"
#include "sys/services.h"

namespace acta::accounting {

struct DecoderOptions {
  uint16_t ahz = 100;  ///< ticks per second of records that do not say (versions 0 and 1)
};

/// Accounting records (acct(5), versions 0 to 4, both byte orders) -> process-end events, one each. What is no record
/// (RawItem::piece, an unknown version, a wrong size) becomes a document of kind pipeline_error that holds the bytes in
/// hexadecimal. Keeps nothing between records. `services` outlives the decoder.
///
/// event.id is `<host id>:pacct:<fingerprint of the file>:<offset>:<XXH3-64 of the bytes, 16 hexadecimal digits>`:
/// equal records are normal, and the same record read again has the same id under any name of the file. event.sequence
/// is the number of the record in its file: offset / size, exact in a file of records of one size; actabeat.offset
/// gives the order in any.
std::unique_ptr<Decoder> make_decoder(const Services& services, const DecoderOptions& options);

}  // namespace acta::accounting
