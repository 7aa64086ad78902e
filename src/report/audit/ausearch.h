#pragma once
#include <functional>
#include <memory>
#include <string>

#include "report/audit/library.h"
#include "report/audit/search.h"

namespace acta::report::audit {

/// One search over events; what is found goes to the sink in the order and form of ausearch(8). One thread.
class Ausearch {
 public:
  using Sink = std::function<void(std::string_view)>;

  Ausearch(const SearchOptions& options, Sink sink);

  void add(AuditEvent event) { order_.add(std::move(event)); }
  void finish() { order_.flush(); }
  [[nodiscard]] uint64_t found() const { return found_; }
  /// Nothing more is wanted.
  [[nodiscard]] bool done() const { return options_.just_one && found_ > 0; }
  /// Events that were found and whose records had to be made of fields.
  [[nodiscard]] uint64_t rebuilt() const { return rebuilt_; }

 private:
  void shown(AuditEvent& event);
  void print(const AuditEvent& event);
  void print_plain(const AuditEvent& event);
  void print_raw(const AuditEvent& event);
  void print_interpreted(const AuditEvent& event);
  void print_json(const AuditEvent& event);
  void print_csv(const Normalized& event);
  void print_sentence(const Normalized& event);

  const SearchOptions options_;
  const Sink sink_;
  const uint32_t needs_;
  EventOrder order_;
  std::unique_ptr<AuditLibrary> library_;
  uint64_t found_ = 0, rebuilt_ = 0;
  bool has_header_ = false;
};

/// One record with words for numbers, as `ausearch -i` prints it. Ends with a line end.
std::string interpreted_record(AuditLibrary& library, const AuditEvent& event, const AuditRecord& record,
                               Escape escape);

}  // namespace acta::report::audit
