#pragma once
#include <string_view>

#include "processors/audit/draft.h"
#include "processors/audit/id_names.h"

namespace acta::audit {

/// What other parts found that a source word of the table can name.
struct SummarySources {
  std::string_view path{};       ///< @path
  std::string_view file_type{};  ///< file.type
  std::string_view address{};    ///< @address
  std::string_view port{};       ///< @port
};

/// Writes auditd.summary.*: who, as whom, on what, by which program, from the sources that the event's row names.
void write_summary(Draft& draft, IdNames& names, const SummarySources& sources);

/// True for programs that run scripts: the script's name is in comm.
bool is_interpreter(std::string_view executable);

/// The field of the event that a source word names: of the primary record, else of SYSCALL, else of any; null when
/// there is none.
const FieldSlot* find_source(const Draft& draft, std::string_view word);

}  // namespace acta::audit
