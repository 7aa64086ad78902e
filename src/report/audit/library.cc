#include "report/audit/library.h"

#include <auparse.h>

#include <memory>

namespace acta::report::audit {

std::string keystrokes(std::string_view hex) {
  const std::string record = "type=TTY msg=audit(1.000:1): tty pid=1 data=" + std::string(hex) + "\n";
  const std::unique_ptr<auparse_state_t, void (*)(auparse_state_t*)> state(
      auparse_init(AUSOURCE_BUFFER, record.c_str()), auparse_destroy);
  if (!state || auparse_next_event(state.get()) <= 0 || auparse_find_field(state.get(), "data") == nullptr)
    return std::string(hex);
  const char* const words = auparse_interpret_field(state.get());
  return words == nullptr ? std::string(hex) : std::string(words);
}

}  // namespace acta::report::audit
