#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "processors/audit/field_key.h"
#include "processors/audit/words.h"

namespace acta::audit {

/// Identity of an audit event: (node, second, millisecond, serial). The same serial with another time, or another node,
/// is another event.
struct EventKey {
  std::string_view node{};  ///< empty when the record has none
  int64_t second = 0;
  uint32_t millisecond = 0;
  uint64_t serial = 0;
  bool operator==(const EventKey&) const = default;
  [[nodiscard]] Nanos time() const { return second * kSecond + millisecond * kMillisecond; }
};

/// Never 0. The same in every build: the registry keeps it over restarts.
uint64_t hash(const EventKey& key);

/// One line: `[node=NAME ]type=TYPE msg=audit(SEC.MMM:SERIAL): FIELDS[<0x1D>ENRICHED]`. Views into the line.
struct Record {
  EventKey key{};
  uint16_t type = 0;             ///< number by libaudit, n of UNKNOWN[n], 0 when the name is not known
  std::string_view type_name{};  ///< as printed; empty when the record has none
  std::string_view body{};       ///< after "): ", without the enriched tail, as printed
  std::string_view enriched{};   ///< after byte 0x1D; empty when none
  std::string_view line{};       ///< the whole record, without line end
};

/// A time stamp with serial as printed, `SEC.MMM:SERIAL)`, and the key that it is.
class KnownStamp {
 public:
  /// Size of the stamp when `text` begins with it, else 0.
  [[nodiscard]] size_t size_at(std::string_view text) const;
  void remember(std::string_view printed, const EventKey& key);
  [[nodiscard]] const EventKey& key() const { return key_; }

 private:
  using Words = std::array<uint64_t, 4>;

  Words words_{};  ///< the stamp
  Words mask_{};   ///< which bytes of them it is
  size_t size_ = 0;
  EventKey key_{};  ///< without node
};

/// type_number() of names of which most came before. One thread.
class KnownTypes {
 public:
  uint16_t number(std::string_view name);

 private:
  struct Known {
    Words words{};
    size_t size = 0;  ///< of the name; 0: free
    uint16_t number = 0;
  };
  static constexpr unsigned kBits = 5;
  std::array<Known, size_t{1} << kBits> known_{};
};

/// Reads heads of lines as parse_record does. The records of one event mostly follow each other, so the last stamp is
/// not read again; nor are the types looked up in the large table. One thread.
class RecordParser {
 public:
  /// Writes over all that `record` held.
  Result<> parse(std::string_view line, Record& record);

 private:
  KnownStamp last_;
  KnownTypes types_;
};

/// Reads the head of a line (a line end is cut off). Errc::corrupt says what is wrong and at which byte. Accepts what
/// auditd, audisp plug-ins (with and without `type=`, `node=`), ausearch --raw and the kernel's own log (`type=1400
/// audit(…)`) write. Seconds that Nanos cannot hold and signs are corrupt; a serial above 2^64-1 becomes 2^64-1.
Result<Record> parse_record(std::string_view line);

/// A key=value of a record's body. The value is a view into the line; a key can be one of static text: a known one,
/// and those that are not printed as such: `seresult` and `seperms` of AVC text ("denied", "read write"), and
/// `old-auid`, `auid`, `old-ses`, `ses` for "old auid=", "new auid=" … of kernels before 3.13.
struct Field {
  std::string_view key{};    ///< empty: text that belongs to no field
  std::string_view value{};  ///< without enclosing quotes
  bool quoted = false;       ///< stood in double quotes
  bool in_message = false;   ///< stood inside msg='…'
  uint16_t occurrence = 0;   ///< how many fields of that key came before it in the record (65535: or more)
  Key id = Key::other;       ///< the key, where it is a known one
};

/// Splits a body into its fields, in order, into `fields` (cleared first): quote-aware, msg='…' opened, old forms too
/// (docs/audit-records.md). Words that belong to no field are returned as fields with an empty key, so that nothing is
/// lost but spaces and punctuation of the grammar.
void split_fields(const Record& record, std::vector<Field>& fields);

/// The fields of the enriched tail, in order: keys in upper case as printed, Field::id of the same in lower case. SADDR
/// keeps its braces.
void split_enriched(const Record& record, std::vector<Field>& fields);

/// Number of a record type by name ("SYSCALL", "UNKNOWN[1423]", "1423"); 0 when not known. Constant time.
uint16_t type_number(std::string_view name);
/// Name of a record type: libaudit's, and those newer than it that we know; empty when none.
std::string_view type_name(uint16_t number);

/// Writes bytes as upper-case hex to where there is room for twice as many.
void write_hex(std::string_view bytes, char* to);
/// Whether the text is hex digits of even length (the empty text is).
bool is_hex(std::string_view text);
/// Replaces `out` by the bytes that upper- or lower-case hex of even length says; false, and `out` as it was, when it
/// is not such.
bool decode_hex(std::string_view hex, std::string& out);
/// The same, to where there is room for half as many bytes; when false, what is there may be anything.
bool read_hex_bytes(std::string_view hex, char* to);
/// The same, but adds to `out`.
bool append_hex(std::string_view hex, std::string& out);
/// A hexadecimal number of at most 16 digits, with or without 0x, as in a0 to a3 and capability sets.
std::optional<uint64_t> read_hex(std::string_view text);

}  // namespace acta::audit
