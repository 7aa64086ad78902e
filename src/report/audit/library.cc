#include "report/audit/library.h"

#include <auparse.h>
#include <libaudit.h>

#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "report/audit/scan.h"

namespace acta::report::audit {
namespace {

auparse_esc_t mode_of(Escape escape) {
  switch (escape) {
    case Escape::raw:
      return AUPARSE_ESC_RAW;
    case Escape::tty:
      return AUPARSE_ESC_TTY;
    case Escape::shell:
      return AUPARSE_ESC_SHELL;
    case Escape::shell_quote:
      return AUPARSE_ESC_SHELL_QUOTE;
  }
  return AUPARSE_ESC_TTY;
}

std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

enum class IdKind : uint8_t { none, user, group };

/// What argument 0 to 2 of a system call is, where the library would look it up among the users of this host.
IdKind id_kind(std::string_view call, int argument) {
  constexpr std::string_view kUserCalls[] = {"setuid", "setreuid", "setresuid", "setfsuid"};
  constexpr std::string_view kGroupCalls[] = {"setgid", "setregid", "setresgid", "setfsgid"};
  constexpr int kArguments[] = {1, 2, 3, 1};  // how many of each are ids
  for (size_t i = 0; i < std::size(kUserCalls); ++i) {
    if (argument >= kArguments[i]) continue;
    if (call == kUserCalls[i]) return IdKind::user;
    if (call == kGroupCalls[i]) return IdKind::group;
  }
  return call == "chown" && argument == 1 ? IdKind::user : IdKind::none;  // of its kin the library says numbers
}

/// What kind of account a name is: the library would ask this host for its id.
std::string account_kind(const AuditEvent& event, std::string_view account) {
  constexpr uint32_t kSystemMax = 1000, kUserMax = 60'000;
  for (const IdName& known : event.names) {
    if (known.group || known.name != account) continue;
    if (known.id == 0) return "privileged-acct";
    if (known.id == UINT32_MAX) return "unset-acct";
    if (known.id < kUserMax) return known.id < kSystemMax ? "service-acct" : "user-acct";
  }
  return "unknown-acct";
}

/// The name of the system call of an event; empty when it has none.
std::string call_of(const AuditEvent& event) {
  for (const AuditRecord& record : event.records) {
    if (record.type != AUDIT_SYSCALL) continue;
    Scan scan(record.message);
    if (!scan.find(" arch=")) return {};
    const int machine = audit_elf_to_machine(static_cast<unsigned>(to_number(scan.rest(), 16)));
    if (machine < 0 || !scan.find(" syscall=")) return {};
    return text_or_empty(audit_syscall_to_name(static_cast<int>(to_number(scan.rest(), 10)), machine));
  }
  return {};
}

}  // namespace

AuditLibrary::AuditLibrary(Escape escape) : escape_(escape), state_(auparse_init(AUSOURCE_FEED, nullptr)) {
  CHECK(state_ != nullptr);
  auparse_set_escape_mode(state_, mode_of(escape));
  auparse_add_callback(
      state_,
      [](auparse_state_t*, auparse_cb_event_t kind, void* self) {
        if (kind == AUPARSE_CB_EVENT_READY) static_cast<AuditLibrary*>(self)->ready_();
      },
      this, nullptr);
}

AuditLibrary::~AuditLibrary() {
  auparse_destroy(state_);
}

void AuditLibrary::feed(const AuditRecord& record) {
  std::string line(record.message);
  if (!record.tail.empty()) line.append("\x1d").append(record.tail);
  line += "\n";
  auparse_feed(state_, line.data(), line.size());
}

std::string AuditLibrary::words() {
  const int type = auparse_get_field_type(state_);
  if (type >= AUPARSE_TYPE_A0 && type <= AUPARSE_TYPE_A2) {
    const IdKind kind = id_kind(call_, type - AUPARSE_TYPE_A0);
    const uint64_t id = to_number(text_or_empty(auparse_get_field_str(state_)), 16);
    if (kind != IdKind::none)
      return escaped(name_of(*event_, static_cast<uint32_t>(id), kind == IdKind::group), escape_);
  }
  const bool group = type == AUPARSE_TYPE_GID;
  const char* const tail = auparse_get_record_interpretations(state_);
  if ((type == AUPARSE_TYPE_UID || group) && (tail == nullptr || *tail == '\0'))
    return escaped(name_of(*event_, to_id(text_or_empty(auparse_get_field_str(state_))), group), escape_);
  return text_or_empty(auparse_interpret_field(state_));
}

void AuditLibrary::begin(const AuditEvent& event) {
  event_ = &event;
  call_ = call_of(event);
}

std::vector<WordedField> AuditLibrary::fields(const AuditEvent& event, const AuditRecord& record) {
  std::vector<WordedField> found;
  begin(event);
  ready_ = [this, &found] {
    auparse_first_record(state_);
    do {
      auparse_first_field(state_);
      do {
        WordedField& field = found.emplace_back();
        field.name = text_or_empty(auparse_get_field_name(state_));
        const int type = auparse_get_field_type(state_);
        field.unclassified = type == AUPARSE_TYPE_UNCLASSIFIED;
        field.keystrokes = type == AUPARSE_TYPE_TTY_DATA;
        field.words = words();
      } while (auparse_next_field(state_) > 0);
    } while (auparse_next_record(state_) > 0);
  };
  feed(record);
  auparse_flush_feed(state_);
  return found;
}

std::vector<Normalized> AuditLibrary::normalize(const AuditEvent& event, bool labels) {
  std::vector<Normalized> found;
  begin(event);
  labels_ = labels;
  ready_ = [this, &found] { found.push_back(read_normalized()); };
  for (const AuditRecord& record : event.records) feed(record);
  auparse_flush_feed(state_);
  return found;
}

Normalized AuditLibrary::read_normalized() {
  Normalized out;
  out.second = static_cast<int64_t>(auparse_get_time(state_));
  out.milli = auparse_get_milli(state_);
  out.serial = auparse_get_serial(state_);
  out.type_number = auparse_get_type(state_);
  if (const char* node = auparse_get_node(state_); node != nullptr) {
    out.node = text_or_empty(auparse_interpret_field(state_));
    std::free(const_cast<char*>(node));
  }
  out.type = text_or_empty(auparse_get_type_name(state_));
  if (auparse_normalize(state_, labels_ ? NORM_OPT_ALL : NORM_OPT_NO_ATTRS) != 0) return out;
  out.good = true;
  if (const char* kind = auparse_normalize_get_event_kind(state_); kind != nullptr) out.kind = kind;
  read_subject(out);
  if (const char* action = auparse_normalize_get_action(state_); action != nullptr) {
    out.action = action;
    out.has_action = true;
  }
  if (auparse_normalize_get_results(state_) == 1) {
    const std::string result = words();
    out.has_result = true;
    out.succeeded = result == "yes" || result.starts_with("suc") ||
                    (auparse_get_field_type(state_) == AUPARSE_TYPE_SECCOMP && result == "allow");
  }
  read_object(out);
  out.how = text_or_empty(auparse_normalize_how(state_));
  if (auparse_normalize_key(state_) == 1) out.key = words();
  return out;
}

void AuditLibrary::read_subject(Normalized& out) {
  constexpr int kNobody = -2;
  if (auparse_normalize_session(state_) == 1) out.session = words();
  int id = kNobody;
  bool by_account = false;
  if (auparse_normalize_subject_primary(state_) == 1) {
    out.subject = words();
    by_account = text_or_empty(auparse_get_field_name(state_)) == "acct";
    id = auparse_get_field_int(state_);
    if (out.subject == "unset") out.subject = "system";
    out.has_subject = true;
  }
  if (auparse_normalize_subject_secondary(state_) == 1) {
    out.acting_as = words();
    const int other = auparse_get_field_int(state_);
    out.acts_as_other = other != id && id != kNobody && other != -1;
  }
  out.subject_kind = text_or_empty(auparse_normalize_subject_kind(state_));
  if (by_account) out.subject_kind = account_kind(*event_, out.subject);
  if (labels_) out.subject_label = label(false);
}

std::string AuditLibrary::file_or_words() {
  if (auparse_get_field_type(state_) == AUPARSE_TYPE_ESCAPED_FILE)
    return text_or_empty(auparse_interpret_realpath(state_));
  return words();
}

void AuditLibrary::read_object(Normalized& out) {
  if (auparse_normalize_object_primary(state_) == 1) {
    out.has_object = true;
    // What an audit setting was set to matters less than which it is.
    const bool setting = out.action == "set" || out.action == "seccomp-logging";
    const int type = auparse_get_field_type(state_);
    if (type != AUPARSE_TYPE_ESCAPED_FILE && auparse_get_type(state_) == AUDIT_CONFIG_CHANGE && setting) {
      out.object = text_or_empty(auparse_get_field_name(state_));
    } else {
      out.object = file_or_words();
    }
    out.object_in_text = out.object;
    if (type == AUPARSE_TYPE_SOCKADDR) {
      const char* address = auparse_interpret_sock_address(state_);
      if (address == nullptr) address = auparse_interpret_sock_family(state_);
      if (address != nullptr) out.object_in_text = address;
    }
  }
  if (auparse_normalize_object_secondary(state_) == 1) out.object_detail = words();
  if (auparse_normalize_object_primary2(state_) == 1) {
    out.has_second_object = true;
    out.second_object = file_or_words();
  }
  if (labels_) out.object_label = label(true);
  out.object_kind = text_or_empty(auparse_normalize_object_kind(state_));
}

std::string AuditLibrary::label(bool of_object) {
  const auto first = of_object ? auparse_normalize_object_first_attribute : auparse_normalize_subject_first_attribute;
  const auto next = of_object ? auparse_normalize_object_next_attribute : auparse_normalize_subject_next_attribute;
  const std::string_view name = of_object ? "obj" : "subj";
  for (int found = first(state_); found == 1; found = next(state_)) {
    if (text_or_empty(auparse_get_field_name(state_)) == name) return words();
  }
  return {};
}

std::string AuditLibrary::keystrokes(std::string_view hex) {
  const std::string line = "type=TTY msg=audit(1.000:1): tty pid=1 data=" + std::string(hex);
  const AuditRecord record{.type = AUDIT_TTY, .message = line};
  for (const WordedField& field : fields(AuditEvent(), record)) {
    if (field.keystrokes) return field.words;
  }
  return std::string(hex);
}

std::string keystrokes(std::string_view hex) {
  return AuditLibrary(Escape::tty).keystrokes(hex);
}

}  // namespace acta::report::audit
