#pragma once
#include <cstddef>
#include <vector>

#include "processors/audit/args.h"
#include "processors/audit/draft.h"

namespace acta::audit {

/// Writes process.args, process.args_count and process.command_line: of an execve from its EXECVE records, joined; of
/// USER_CMD (sudo) from cmd=. What is beyond the limit is said in actabeat.truncated. Reused without an allocation once
/// its buffers have grown. One thread.
class Arguments {
 public:
  explicit Arguments(size_t bytes_max) : joined_(bytes_max) {}

  /// The values written live until the next call.
  void write(Draft& draft);

 private:
  void write_execve(Draft& draft);
  void write_command(Draft& draft);

  ExecArgs joined_;
  std::vector<Field> fields_;
};

}  // namespace acta::audit
