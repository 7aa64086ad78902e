#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "event/batch.h"

namespace acta::spool {

/// Appends the payload of a frame (FORMAT.md): the documents of a batch with what travels beside them.
void encode_payload(const Batch& batch, std::string& out);

/// Reads a payload of `count` documents into `batch` (cleared first). False when the bytes are not that; never reads
/// beyond them.
bool decode_payload(std::string_view payload, uint32_t count, Batch& batch);

}  // namespace acta::spool
