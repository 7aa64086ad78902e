#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit/event.h"
#include "report/audit/words.h"

struct opaque;  // auparse_state_t

namespace acta::report::audit {

/// A field of a record and what libauparse says of it.
struct WordedField {
  std::string name{};
  std::string words{};
  bool unclassified = false;  ///< the library has no kind for it: the value is shown as it is
  bool keystrokes = false;    ///< TTY data
};

/// auparse_normalize(3): an event as who did what to what.
struct Normalized {
  bool good = false;  ///< the library could make something of it
  std::string node{}, type{};
  int type_number = 0;
  int64_t second = 0;
  unsigned milli = 0;
  uint64_t serial = 0;
  std::string kind = "unknown";
  std::string session{}, subject{}, acting_as{}, subject_kind{}, subject_label{};
  bool has_subject = false, acts_as_other = false;
  std::string action = "did-unknown";
  bool has_action = false;
  bool has_result = false, succeeded = false;
  bool has_object = false, has_second_object = false;
  std::string object{}, object_detail{}, second_object{}, object_label{}, object_kind{};
  std::string object_in_text{};  ///< the object as sentences have it: of a socket, its address
  std::string how{}, key{};
};

/// libauparse, given one event or record at a time. Ids are named by the document, never by this host's users: of
/// records without an enriched tail the library is not asked. One thread: the library has global state.
class AuditLibrary {
 public:
  explicit AuditLibrary(Escape escape);
  ~AuditLibrary();
  AuditLibrary(const AuditLibrary&) = delete;
  AuditLibrary& operator=(const AuditLibrary&) = delete;

  /// The fields of a record of `event`, in order.
  std::vector<WordedField> fields(const AuditEvent& event, const AuditRecord& record);
  /// What the library makes of an event; more than one where its own rule splits it. `labels`: with SELinux contexts.
  std::vector<Normalized> normalize(const AuditEvent& event, bool labels);
  /// Keystrokes in hexadecimal as text: "ls",<ret>.
  std::string keystrokes(std::string_view hex);

 private:
  void begin(const AuditEvent& event);
  void feed(const AuditRecord& record);
  Normalized read_normalized();
  void read_subject(Normalized& out);
  void read_object(Normalized& out);
  std::string label(bool of_object);
  /// The words of the field that the library stands at.
  std::string words();
  std::string file_or_words();

  const Escape escape_;
  opaque* state_;
  const AuditEvent* event_ = nullptr;
  std::string call_;  ///< system call of the event
  bool labels_ = false;
  std::function<void()> ready_;  ///< called for each event that the library has whole
};

/// Keystrokes in hexadecimal as text, by a library of its own.
std::string keystrokes(std::string_view hex);

}  // namespace acta::report::audit
