#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "processors/audit/assembler.h"

namespace acta::test {

/// An event that an assembler gave, kept.
struct KeptEvent {
  std::string key;  ///< "node sec.msec:serial"
  std::vector<std::string> lines;
  audit::Closed closed = audit::Closed::complete;
  Provenance provenance{};
  Nanos read_at = 0;
  bool operator==(const KeptEvent& other) const { return key == other.key && lines == other.lines; }
};

std::string key_text(const audit::EventKey& key);

/// Feeds lines to an assembler and keeps what comes out. Positions are offsets in the stream of lines.
class Assembling {
 public:
  explicit Assembling(const audit::AssemblerLimits& limits = {}) : assembler(limits) {}

  /// Returns what Assembler::add() says. The line must parse.
  bool line(std::string_view text, uint16_t source = 0);
  /// Every line of a text; those that do not parse are counted in `corrupt`.
  void text(std::string_view lines);
  void idle(Nanos monotonic) { assembler.idle(monotonic, keep()); }
  void flush() { assembler.flush(keep()); }

  audit::Assembler assembler;
  std::vector<KeptEvent> events;
  size_t taken = 0, refused = 0, corrupt = 0;
  /// Called with each event before it is kept.
  std::function<void(const audit::AssembledEvent&)> look;

 private:
  audit::Assembler::Emit keep();
  uint64_t offset_ = 0;
};

/// "type=TYPE msg=audit(SEC.MMM:SERIAL): BODY", with `millis` since 1970 split into SEC and MMM.
std::string audit_line(std::string_view type, uint64_t millis, uint64_t serial, std::string_view body = "a=b",
                       std::string_view node = "");

/// The lines of a file; a name that ends in .zst is unpacked.
std::string read_log(const std::string& path);

/// Calls `each` with every line of a text, without its line end.
void for_each_line(std::string_view text, const std::function<void(std::string_view)>& each);

/// Every audit log under the upstream material and the live golden logs, as paths.
std::vector<std::string> audit_corpora(const std::string& shared);

}  // namespace acta::test
