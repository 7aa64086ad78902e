// Every field of every record of the corpora, as libauparse shows it and as we do.
#include <auparse.h>
#include <gtest/gtest.h>
#include <libaudit.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "processors/audit/field_type.h"
#include "processors/audit/interpret.h"
#include "processors/audit/record.h"
#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/explained.h"
#include "support/shared.h"

namespace acta::audit {
namespace {

constexpr size_t kComplaintsMax = 20;

/// One field as libauparse gives it.
struct Seen {
  FieldContext context{};
  FieldType type = FieldType::none;
  std::string field;
  std::string raw;    ///< as printed, with its quotes
  std::string value;  ///< without
  bool quoted = false;
  std::string theirs;  ///< libauparse's interpretation
  std::string ours;

  [[nodiscard]] bool is_argument_of(std::string_view call) const {
    return type == FieldType::argument && syscall_name(context.arch, context.syscall) == call;
  }
};

/// A deliberate difference from libauparse 3.0.9, and why.
struct Deviation {
  const char* name;
  const char* reason;
  bool (*holds)(const Seen&);
};

constexpr Deviation kDeviations[] = {
    {"not a number",
     "libauparse reads a number where none is (mode=enforcing, family=\"unix\") and shows the words of 0",
     [](const Seen& s) {
       const bool number = s.type != FieldType::tty && s.type != FieldType::exit && s.type != FieldType::sockaddr;
       return field_kind(s.type) == FieldKind::typed && number && s.ours.empty() && !is_value_of(s.type, s.value);
     }},
    {"not an address", "libauparse decodes what is no hex, or half a byte",
     [](const Seen& s) {
       return s.type == FieldType::sockaddr && s.ours.empty() && (!is_hex(s.value) || s.value.size() < 4);
     }},
    {"newer call", "libauparse 3.0.9 does not know the number",
     [](const Seen& s) { return s.type == FieldType::syscall && s.theirs.starts_with("unknown-syscall"); }},
    {"newer errno", "libauparse prints (null) for errors that only the kernel sees",
     [](const Seen& s) { return s.type == FieldType::exit && s.theirs.starts_with("(null)"); }},
    {"too large", "a conversion error says nothing about the event",
     [](const Seen& s) { return s.theirs.starts_with("conversion error"); }},
    {"clone", "libauparse takes a2 for the flags of clone, which are in a0",
     [](const Seen& s) { return s.is_argument_of("clone"); }},
    {"elder sisters", "execveat, statx, symlinkat and fchmodat2 take what the calls that they stand for take",
     [](const Seen& s) {
       const bool newer = s.is_argument_of("execveat") || s.is_argument_of("statx") || s.is_argument_of("symlinkat") ||
                          s.is_argument_of("fchmodat2");
       return newer && s.theirs == "0x" + s.raw;
     }},
    {"protocol", "libauparse asks /etc/protocols of this host; we have Debian's names in the program",
     [](const Seen& s) {
       return s.type == FieldType::protocol || s.is_argument_of("socket") || s.is_argument_of("setsockopt") ||
              s.is_argument_of("getsockopt");
     }},
    {"newer field", "uring_op, errno and *_trust have no type in libauparse 3.0.9",
     [](const Seen& s) {
       return s.type == FieldType::uring_op || s.type == FieldType::error || s.type == FieldType::trust;
     }},
    {"half hex", "libauparse decodes what begins like hex (exe=bash as one byte); we only what is hex of even length",
     [](const Seen& s) {
       return (field_kind(s.type) == FieldKind::escaped || s.type == FieldType::tty) && !s.quoted && !is_hex(s.value);
     }},
    {"bytes after NUL", "libauparse stops at the first NUL; we keep what follows",
     [](const Seen& s) {
       return field_kind(s.type) == FieldKind::escaped && s.ours.size() > s.theirs.size() &&
              s.ours.starts_with(s.theirs) && s.ours[s.theirs.size()] == '\0';
     }},
    {"first byte NUL", "libauparse leaves it out, and of titles then shows bytes beyond their end",
     [](const Seen& s) {
       return field_kind(s.type) == FieldKind::escaped && s.raw.starts_with("00") &&
              s.theirs.starts_with(s.ours.substr(1));
     }},
    {"not UTF-8", "documents are valid UTF-8; the bytes themselves stand there in hex",
     [](const Seen& s) { return s.ours.find("\xEF\xBF\xBD") != std::string::npos; }},
    {"short address", "libauparse reads beyond the end of short AX25, IPX, ATM and X25 addresses",
     [](const Seen& s) { return s.type == FieldType::sockaddr && s.ours.empty() && s.value.size() < 40; }},
};

/// An escaped value, decoded as the normalizer does it.
std::string decoded(FieldType type, bool quoted, const std::string& value) {
  std::string text;
  if (quoted || value.size() < 2 || !decode_hex(value, text)) return value;
  if (type == FieldType::proctitle) std::replace(text.begin(), text.end(), '\0', ' ');
  if (type == FieldType::key) std::replace(text.begin(), text.end(), '\x01', ' ');
  return text;
}

struct Tally {
  size_t records = 0, fields = 0, typed = 0, escaped = 0, ids = 0, words = 0;
  std::map<std::string, size_t> deviations;
  std::vector<std::string> complaints;
  size_t wrong = 0;
};

/// Our words for a field that is no id; false when this field is not to be compared.
using OurWords = std::function<bool(Seen&, size_t occurrence)>;

class Comparison {
 public:
  Comparison() : state_(auparse_init(AUSOURCE_BUFFER, "")) { auparse_set_escape_mode(state_, AUPARSE_ESC_RAW); }
  ~Comparison() { auparse_destroy(state_); }
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  /// Compares the fields of a record with our words: the interpreter's and decoder's, or those of `ours`.
  void line(std::string_view text, const OurWords& ours = {});
  void report() const;
  Tally tally;

 private:
  FieldContext context_of_record();
  void field(const FieldContext& context, const OurWords& ours);
  bool interpret(Seen& seen);
  bool is_id(const Seen& seen);
  void compare(const Seen& seen);

  auparse_state_t* state_;
  Interpreter interpreter_;
  std::string buffer_;
  std::map<std::string, size_t> occurrences_;
};

/// Arch, call and arguments of a SYSCALL or SECCOMP record.
FieldContext Comparison::context_of_record() {
  FieldContext context;
  context.record_type = static_cast<uint16_t>(auparse_get_type(state_));
  if (context.record_type != AUDIT_SYSCALL && context.record_type != AUDIT_SECCOMP) return context;
  auparse_first_field(state_);
  do {
    const std::string name = auparse_get_field_name(state_);
    const char* value = auparse_get_field_str(state_);
    if (value == nullptr) continue;
    if (name == "arch") context.arch = static_cast<uint32_t>(std::strtoul(value, nullptr, 16));
    if (name == "syscall") context.syscall = static_cast<int32_t>(std::strtol(value, nullptr, 10));
    if (name == "a0") context.a0 = std::strtoull(value, nullptr, 16);
    if (name == "a1") context.a1 = std::strtoull(value, nullptr, 16);
  } while (auparse_next_field(state_) > 0);
  return context;
}

/// Fields that hold a user or group: libauparse agrees about the field, and is not asked, as it would look the name up.
bool Comparison::is_id(const Seen& seen) {
  const FieldKind kind = field_kind(seen.type);
  if (kind == FieldKind::uid || kind == FieldKind::gid) {
    EXPECT_EQ(auparse_get_field_type(state_), kind == FieldKind::uid ? AUPARSE_TYPE_UID : AUPARSE_TYPE_GID)
        << seen.field;
    return true;
  }
  const FieldKind argument = interpreter_.argument_kind(seen.context, seen.field);
  constexpr uint64_t kSetOwner = 8;  // F_SETOWN: libauparse takes the process for a user
  const bool owner = seen.field == "a2" && seen.context.a1 == kSetOwner &&
                     syscall_name(seen.context.arch, seen.context.syscall).starts_with("fcntl");
  if (argument != FieldKind::uid && argument != FieldKind::gid && !owner) return false;
  EXPECT_EQ(interpreter_.words(seen.context, seen.field, seen.value), "");
  return true;
}

bool Comparison::interpret(Seen& seen) {
  const FieldKind kind = field_kind(seen.type);
  seen.ours = seen.raw;
  if (kind == FieldKind::typed) seen.ours = interpreter_.words(seen.context, seen.field, seen.value);
  if (kind == FieldKind::escaped) seen.ours = decoded(seen.type, seen.quoted, seen.value);
  return true;
}

void Comparison::field(const FieldContext& context, const OurWords& ours) {
  const char* raw = auparse_get_field_str(state_);
  if (raw == nullptr) return;
  Seen seen;
  seen.context = context;
  seen.field = auparse_get_field_name(state_);
  const size_t occurrence = occurrences_[seen.field]++;
  seen.raw = raw;
  seen.quoted = seen.raw.starts_with('"');
  const size_t closing = seen.quoted ? seen.raw.find('"', 1) : std::string::npos;
  // libauparse splits at a space within quotes: the grammar's affair.
  if (seen.quoted && closing == std::string::npos) return;
  seen.value = seen.quoted ? seen.raw.substr(1, closing - 1) : seen.raw;
  seen.type = field_type(context.record_type, seen.field, seen.quoted, seen.value);
  if (is_id(seen)) {
    ++tally.ids;
    return;
  }
  if (ours ? !ours(seen, occurrence) : !interpret(seen)) return;
  ++tally.fields;
  const char* theirs = auparse_interpret_field(state_);
  seen.theirs = theirs == nullptr ? "" : theirs;
  const FieldKind kind = field_kind(seen.type);
  if (kind == FieldKind::typed) ++tally.typed;
  if (kind == FieldKind::typed && !seen.ours.empty()) ++tally.words;
  if (kind == FieldKind::escaped) ++tally.escaped;
  compare(seen);
}

void Comparison::compare(const Seen& seen) {
  if (seen.ours == seen.theirs) return;
  const bool typed = field_kind(seen.type) == FieldKind::typed;
  if (typed && seen.ours.empty() && (seen.theirs == seen.raw || seen.theirs == "0x" + seen.raw)) return;
  for (const Deviation& one : kDeviations) {
    if (!one.holds(seen)) continue;
    ++tally.deviations[one.name];
    return;
  }
  ++tally.wrong;
  if (tally.complaints.size() < kComplaintsMax) {
    tally.complaints.push_back(std::to_string(seen.context.record_type) + " " + std::to_string(seen.context.syscall) +
                               " " + seen.field + "=" + seen.raw + ": libauparse [" + seen.theirs + "], we [" +
                               seen.ours + "]");
  }
}

void Comparison::line(std::string_view text, const OurWords& ours) {
  if (!parse_record(text)) return;
  buffer_.assign(text.substr(0, text.find('\x1d'))).append("\n");
  if (auparse_new_buffer(state_, buffer_.data(), buffer_.size()) != 0 || auparse_next_event(state_) <= 0) return;
  if (auparse_first_record(state_) <= 0) return;
  ++tally.records;
  occurrences_.clear();
  const FieldContext context = context_of_record();
  auparse_first_field(state_);
  do {
    if (const char* name = auparse_get_field_name(state_); name != nullptr && std::string_view(name) != "type")
      field(context, ours);
  } while (auparse_next_field(state_) > 0);
}

void Comparison::report() const {
  std::printf("%zu records, %zu fields: %zu typed (%zu with words), %zu escaped, %zu ids\n", tally.records,
              tally.fields, tally.typed, tally.words, tally.escaped, tally.ids);
  for (const Deviation& one : kDeviations) {
    const auto found = tally.deviations.find(one.name);
    std::printf("  deviation %-16s %7zu  %s\n", one.name, found == tally.deviations.end() ? 0 : found->second,
                one.reason);
  }
  for (const std::string& complaint : tally.complaints) ADD_FAILURE() << complaint;
  EXPECT_EQ(tally.wrong, 0u);
}

/// Logs, the plugin stream, and the raw records that stand in YAML files.
std::vector<std::string> sources(const std::string& shared) {
  std::vector<std::string> paths = test::audit_corpora(shared);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared + "/golden/beats")) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".yaml" || extension == ".yml") paths.push_back(entry.path().string());
  }
  return paths;
}

TEST(InterpretDifferential, EveryFieldOfTheCorporaIsAsLibauparseHasIt) {
  SKIP_WITHOUT_SHARED(dir);
  Comparison comparison;
  for (const std::string& path : sources(*dir)) {
    const std::string content = test::read_log(path);
    test::for_each_line(content, [&](std::string_view text) {
      const size_t start = std::min(text.find("node="), text.find("type="));
      if (start != std::string_view::npos) comparison.line(text.substr(start));
    });
  }
  comparison.report();
  EXPECT_GT(comparison.tally.records, 80000u);
  EXPECT_GT(comparison.tally.words, 50000u);
}

/// The log with a serial number of its own for every record, and without enriched tails: each record is an event, and
/// all its words are ours.
std::vector<std::string> records_apart(const std::string& log) {
  std::vector<std::string> lines;
  test::for_each_line(log, [&](std::string_view text) {
    const size_t start = std::min(text.find("node="), text.find("type="));
    if (start == std::string_view::npos) return;
    std::string line(text.substr(start, text.find('\x1d') - start));
    const auto record = parse_record(line);
    if (!record || record->type_name == "EOE") return;
    const size_t stamp = line.find("audit(");
    const size_t colon = line.find(':', stamp), end = line.find(')', stamp);
    if (end == std::string::npos || colon > end) return;
    lines.push_back(line.replace(colon + 1, end - colon - 1, std::to_string(lines.size() + 1)));
  });
  return lines;
}

/// Where the words of a field stand: auditd.data.K -> auditd.interpreted.K, auditd.paths[1].K -> .interpreted.K of it.
std::string words_path(const std::string& path) {
  constexpr std::string_view kData = "auditd.data.";
  if (path.starts_with(kData)) return "auditd.interpreted." + path.substr(kData.size());
  const size_t dot = path.rfind("].");
  return dot == std::string::npos ? "" : path.substr(0, dot + 2) + "interpreted." + path.substr(dot + 2);
}

/// The fields of a record by key and occurrence, with the words of its document.
struct DocumentWords {
  const rapidjson::Value* document = nullptr;
  std::map<std::pair<std::string, size_t>, test::ExplainedField> fields;

  /// Puts the document's words for a field; false when it is no field of ours, or not the same text.
  bool put(Seen& seen, size_t occurrence) const {
    const auto found = fields.find({seen.field, occurrence});
    if (document == nullptr || found == fields.end() || found->second.value != seen.value) return false;
    const FieldKind kind = field_kind(seen.type);
    const std::string& path = found->second.path;
    const bool named = seen.type == FieldType::syscall || seen.type == FieldType::arch;
    if (named && path.starts_with("auditd.data.")) {
      seen.ours = test::text_at(*document, path);
      if (seen.ours == seen.value) seen.ours.clear();
      return true;
    }
    const std::string where = words_path(path);
    const rapidjson::Value* words = where.empty() ? nullptr : test::at_path(*document, where);
    const bool text = words != nullptr && words->IsString();
    seen.ours = text ? words->GetString() : kind == FieldKind::typed ? "" : seen.raw;
    if (!text && kind == FieldKind::escaped) seen.ours = seen.value;
    return !where.empty();
  }
};

/// Compares the documents of records, made by the decoder that we ship.
void compare_documents(const std::vector<std::string>& lines, Comparison& comparison) {
  test::AuditRunOptions options;
  options.explain = true;
  std::string log;
  for (const std::string& line : lines) log += line + "\n";
  const test::AuditDocuments documents = test::decode_audit(log, options);
  const std::vector<rapidjson::Document> parsed = documents.parsed();
  std::map<std::string, DocumentWords> by_id;
  for (const rapidjson::Document& document : parsed) by_id[test::text_at(document, "event.id")].document = &document;
  for (test::ExplainedField& field : test::read_explained(documents.explained)) {
    DocumentWords& words = by_id[field.id];
    words.fields.insert_or_assign({field.key, field.occurrence}, std::move(field));
  }
  for (const auto& [id, words] : by_id) {
    const auto serial = std::strtoull(test::text_at(*words.document, "event.sequence").c_str(), nullptr, 10);
    ASSERT_TRUE(serial >= 1 && serial <= lines.size()) << id;
    comparison.line(lines[serial - 1], [&](Seen& seen, size_t occurrence) { return words.put(seen, occurrence); });
  }
}

/// The documents that we ship say the same: Interpreter, decoding and what stands between them and the document.
TEST(InterpretDifferential, DocumentsOfTheCorporaSayTheSame) {
  SKIP_WITHOUT_SHARED(dir);
  constexpr size_t kRecordsOfALog = 12000;
  Comparison comparison;
  for (const std::string& path : sources(*dir)) {
    std::vector<std::string> lines = records_apart(test::read_log(path));
    if (lines.size() > kRecordsOfALog) lines.resize(kRecordsOfALog);
    compare_documents(lines, comparison);
  }
  comparison.report();
  EXPECT_GT(comparison.tally.fields, 150000u);
  EXPECT_GT(comparison.tally.words, 25000u);
}

/// What the corpora do not hold: the arguments of every call with many values, in a record as the kernel prints it.
TEST(InterpretDifferential, EveryArgumentOfEveryCall) {
  Comparison comparison;
  constexpr std::string_view kValues[] = {"0",
                                          "1",
                                          "2",
                                          "3",
                                          "5",
                                          "7",
                                          "8",
                                          "f",
                                          "10",
                                          "11",
                                          "1ff",
                                          "26",
                                          "29",
                                          "40",
                                          "80000",
                                          "8001",
                                          "107",
                                          "11b",
                                          "1200011",
                                          "10000000",
                                          "7fffffff",
                                          "ffffff9c",
                                          "ffffffffffffff9c",
                                          "7ffc12ac3ab0"};
  constexpr size_t kCount = std::size(kValues);
  constexpr uint32_t kArchs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64};
  for (const uint32_t arch : kArchs) {
    for (int32_t call = 0; call < 475; ++call) {
      if (syscall_name(arch, call).empty()) continue;
      for (size_t n = 0; n < kCount; ++n) {
        char text[400];
        std::snprintf(text, sizeof text,
                      "type=SYSCALL msg=audit(1.000:1): arch=%x syscall=%d success=yes exit=0 a0=%s a1=%s a2=%s a3=%s",
                      arch, call, kValues[n].data(), kValues[(n * 7 + 1) % kCount].data(),
                      kValues[(n * 5 + 2) % kCount].data(), kValues[(n * 11 + 3) % kCount].data());
        comparison.line(text);
      }
    }
  }
  comparison.report();
  EXPECT_GT(comparison.tally.records, 20000u);
}

/// Every typed field of every record type with numbers of all kinds.
TEST(InterpretDifferential, EveryTypedFieldWithManyValues) {
  Comparison comparison;
  constexpr std::string_view kFields[] = {
      "perm",        "perm_mask", "mode",     "prom",    "old_prom", "capability", "res",  "result", "sig",
      "sigev_signo", "list",      "ses",      "cap_pi",  "cap_fp",   "fp",         "fi",   "new_pe", "pa",
      "family",      "icmptype",  "per",      "code",    "oflag",    "flags",      "hook", "action", "macproto",
      "ioctlcmd",    "resp",      "nl-mcgrp", "resolve", "exit",     "addr",       "subj", "saddr",  "data"};
  constexpr std::string_view kTypes[] = {"PATH",     "MMAP",          "MQ_OPEN",       "CAPSET",
                                         "AVC",      "NETFILTER_PKT", "CONFIG_CHANGE", "CRYPTO_KEY_USER",
                                         "USER_TTY", "TRUSTED_APP",   "IPC_SET_PERM",  "SECCOMP"};
  for (const std::string_view type : kTypes) {
    for (const std::string_view field : kFields) {
      for (uint64_t n = 0; n < 64; ++n) {
        for (const char* format : {"%lu", "%lx", "0x%lx", "0%lo", "-%lu"}) {
          for (const uint64_t value : {n, uint64_t{1} << n, n * 0x01010101}) {
            char number[32], text[160];
            std::snprintf(number, sizeof number, format, value);
            std::snprintf(text, sizeof text, "type=%s msg=audit(1.000:1): x=1 %s=%s", type.data(), field.data(),
                          number);
            comparison.line(text);
          }
        }
      }
    }
  }
  comparison.report();
  EXPECT_GT(comparison.tally.records, 100000u);
}

/// Every deviation, shown by a record.
TEST(InterpretDifferential, EveryDeviationExists) {
  Comparison comparison;
  std::string log = "type=PATH msg=audit(1.000:1): item=0 name=626164FFFE\n";
  for (const std::string_view body :
       {"SYSCALL msg=audit(1.000:1): arch=c000003e syscall=452 success=no exit=-512 a0=ffffff9c a1=1 a2=1ed a3=0",
        "SYSCALL msg=audit(1.000:1): arch=c000003e syscall=56 success=yes exit=5 a0=10000011 a1=0 a2=11 a3=0",
        "SYSCALL msg=audit(1.000:1): arch=c000003e syscall=54 success=yes exit=0 a0=3 a1=11c a2=1 a3=0",
        "URINGOP msg=audit(1.000:1): uring_op=18 success=yes exit=0", "USER_CMD msg=audit(1.000:1): exe=bash cmd=ABC",
        "PATH msg=audit(1.000:1): item=0 name=61620063", "PROCTITLE msg=audit(1.000:1): proctitle=002D720061",
        "SOCKADDR msg=audit(1.000:1): saddr=09004142", "SOCKADDR msg=audit(1.000:1): saddr=02000",
        "SYSCALL msg=audit(1.000:1): exit=99999999999999999999",
        "LANDLOCK_DOMAIN msg=audit(1.000:1): mode=enforcing"}) {
    comparison.line("type=" + std::string(body));
    log += "type=" + std::string(body) + "\n";
  }
  compare_documents(records_apart(log), comparison);
  comparison.report();
  for (const Deviation& one : kDeviations) EXPECT_GT(comparison.tally.deviations[one.name], 0u) << one.name;
}

}  // namespace
}  // namespace acta::audit
