#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sys/user_db.h"

namespace acta::test {

/// What the documents of an accounting file say, read back from their JSON alone: what reports would work on.
struct AcctDocument {
  std::string comm;  ///< bytes
  std::string user, group, tty, uid, gid;
  uint64_t flags = 0, version = 0, exit_status = 0, begin = 0, pid = 0, parent = 0, sequence = 0;
  double user_ticks = 0, system_ticks = 0, elapsed_ticks = 0, memory_kb = 0, io = 0;
  double ahz = 100;
};

/// Cuts the bytes into records, decodes them and reads the documents back. Fails the test on a document that is not
/// valid.
std::vector<AcctDocument> acct_documents(std::string_view bytes, UserDb& users);

}  // namespace acta::test
