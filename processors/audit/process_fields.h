#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "processors/audit/draft.h"

namespace acta::audit {

/// Writes process.* but for identities and arguments: pid, parent, name, executable, title, working directory,
/// terminal, capabilities, exit code.
void write_process(Draft& draft);

/// process.name: comm, or the base name of the program when comm is its first 15 bytes (TASK_COMM_LEN - 1).
std::string_view process_name(std::string_view comm, std::string_view executable);

/// A process id as printed; none when it is no positive number.
std::optional<int64_t> read_pid(std::string_view text);

/// The text with spaces for `separator`, made in the arena.
std::string_view with_spaces(std::string_view text, char separator, Arena& arena);

}  // namespace acta::audit
