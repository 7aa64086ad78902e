#pragma once
#include <cstddef>
#include <string_view>

namespace acta {

/// Length (1 to 4) of the valid UTF-8 sequence (RFC 3629) that `bytes` begins with; 0 when it begins with none.
size_t utf8_sequence(std::string_view bytes);

/// True when all of the bytes are valid UTF-8.
bool is_utf8(std::string_view bytes);

}  // namespace acta
