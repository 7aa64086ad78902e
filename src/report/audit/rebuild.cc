#include <fmt/format.h>

#include "report/audit/event.h"

namespace acta::report::audit {

std::string rebuild_records(const Document&) {
  return {};
}

}  // namespace acta::report::audit
