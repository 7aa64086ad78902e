#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "report/audit/extract.h"
#include "report/audit/scan.h"

namespace acta::report::audit {

/// Reads one record into what is extracted of its event. The steps below return false when the record is malformed;
/// a step whose need nobody has does nothing. One for each record.
class RecordReader {
 public:
  RecordReader(const AuditRecord& record, uint32_t needs, Extracted& found)
      : type_(record.type), message_(record.message), needs_(needs | kAlways), found_(found), scan_(record.message) {}

  bool read();

 private:
  static constexpr uint32_t kAlways = 1u << 31;  ///< what is read whatever the report needs

  enum class Missing : uint8_t { fine, malformed };
  enum class End : uint8_t { space, space_or_rest };

  [[nodiscard]] bool needs(uint32_t need) const { return (needs_ & need) != 0; }
  // Steps that many records share.
  bool number(uint32_t need, std::string_view key, uint32_t& into, Missing missing, End end = End::space);
  bool text(uint32_t need, std::string_view key, std::optional<std::string>& into, Missing missing);
  bool legacy_text(uint32_t need, std::string_view key, std::optional<std::string>& into);
  bool word(uint32_t need, std::string_view key, std::optional<std::string>& into);
  bool login_of(Missing missing, End end);
  bool subject(std::string_view key, End end);
  void object(std::string_view key);
  bool numeric_result();
  bool word_result(size_t from);
  bool key_list();
  bool add_file(std::string_view value);
  bool file_after(std::string_view key, Missing missing);

  // Records.
  bool syscall();
  bool task();
  bool kernel_event();
  bool kernel_anomaly();
  bool simple_message();
  bool integrity();
  bool teletype();
  bool packet();
  bool directory();
  bool path();
  bool socket_address();
  bool login();
  bool daemon();
  bool daemon_peer();
  bool user(AccessVector* access);
  bool user_guest();
  bool user_second_id();
  bool user_account(size_t from, size_t& behind);
  bool user_host(size_t from);
  bool user_result(size_t from);
  bool access_vector();
  bool access_vector_fields(AccessVector& access);

  const int type_;
  const std::string_view message_;
  const uint32_t needs_;
  Extracted& found_;
  Scan scan_;
};

}  // namespace acta::report::audit
