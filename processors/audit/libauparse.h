#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "processors/audit/field_type.h"

struct opaque;  // auparse_state_t

namespace acta::audit {

/// libauparse as a dictionary: it is given a record of one field (or of a system call's arguments) that we wrote, and
/// asked what the field says. Values must have been checked (is_value_of, or hex): they are put into the record as they
/// are. It never sees user or group ids, protocol numbers or enriched names. One thread: the library has global state.
class Libauparse {
 public:
  Libauparse();
  ~Libauparse();
  Libauparse(const Libauparse&) = delete;
  Libauparse& operator=(const Libauparse&) = delete;

  struct Call {
    uint32_t arch = 0;
    int32_t syscall = -1;
    uint64_t a0 = 0;
    uint64_t a1 = 0;
  };

  /// The words for a value of a type; empty when the library has none. The view lives until the next question.
  std::string_view field(FieldType type, std::string_view value);
  /// The words for argument 0-3 of a system call; a0 and a1 of `call` stand beside it.
  std::string_view argument(const Call& call, unsigned argument, std::string_view value);
  /// The words for the syscall field: "socketcall(connect)".
  std::string_view call_name(const Call& call);

 private:
  std::string_view ask(const char* field);

  opaque* state_;
  std::string record_;
};

}  // namespace acta::audit
