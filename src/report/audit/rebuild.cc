// Records made of the fields of a document that was shipped without event.original.
#include <fmt/format.h>
#include <libaudit.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "report/audit/event.h"

namespace acta::report::audit {
namespace {

using Value = Document::Value;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// Fields of SYSCALL records (auditd.data has them before those of other records).
bool is_of_syscall(std::string_view key) {
  return is_one_of(key, {"arch",  "syscall", "per",   "success", "exit", "a0",   "a1",   "a2",   "a3",
                         "items", "ppid",    "pid",   "auid",    "uid",  "gid",  "euid", "suid", "fsuid",
                         "egid",  "sgid",    "fsgid", "tty",     "ses",  "comm", "exe",  "subj", "key"});
}

/// What the kernel writes in quotes, or in hexadecimal where it has to.
bool is_quoted(std::string_view key) {
  return is_one_of(
      key, {"comm",     "exe",       "name",    "cwd",      "key",      "acct",    "vm",       "path",    "proctitle",
            "cgroup",   "ocomm",     "device",  "new_disk", "old_disk", "new_net", "old_net",  "new_rng", "old_rng",
            "apparmor", "operation", "profile", "dir",      "watch",    "grp",     "new_group"});
}

bool is_of_user(int type) {
  return type == AUDIT_USER || (type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_LAST_USER_MSG) ||
         (type >= AUDIT_FIRST_USER_MSG2 && type <= AUDIT_LAST_USER_MSG2);
}

bool is_of_guest(int type) {
  return type >= AUDIT_FIRST_VIRT_MSG && type <= AUDIT_LAST_VIRT_MSG;
}

struct RebuiltField {
  std::string_view key{};
  std::string_view value{};
  bool hex = false;  ///< as printed it is hexadecimal: the document has words for it
};

struct RebuiltRecord {
  std::string_view name{};  ///< of the type
  int type = -1;
  std::vector<RebuiltField> fields{};
  std::vector<RebuiltField> repeated{};  ///< what another record, or this one, has by the same name
};

/// Puts the fields of a document back into its records.
class Rebuild {
 public:
  explicit Rebuild(const Document& document) : document_(document) {
    for (const std::string_view name : document.texts("auditd.record_types")) {
      records_.push_back({.name = name, .type = audit_name_to_msg_type(std::string(name).c_str())});
    }
  }

  /// The lines of all records; empty when the document says too little of them.
  std::string lines() {
    const auto time = document_.timestamp();
    const auto serial = document_.number("auditd.sequence");
    if (records_.empty() || !time || !serial) return {};
    give_lists("auditd.paths", AUDIT_PATH);
    give_lists("auditd.execve", AUDIT_EXECVE);
    give_repeated();
    give_data();
    const std::string_view node = document_.text("auditd.node");
    std::string text;
    for (const RebuiltRecord& record : records_) {
      if (!node.empty()) text += fmt::format("node={} ", node);
      text += fmt::format("type={} msg=audit({}.{:03}:{}):", record.name, *time / kSecond,
                          *time % kSecond / kMillisecond, *serial);
      write(record, text);
      text += "\n";
    }
    return text;
  }

 private:
  void give_lists(const char* path, int type) {
    const Value* items = document_.find(path);
    if (items == nullptr || !items->IsArray()) return;
    rapidjson::SizeType item = 0;
    for (RebuiltRecord& record : records_) {
      if (record.type == type && item < items->Size()) take(record.fields, (*items)[item++], nullptr);
    }
  }

  void give_repeated() {
    const Value* items = document_.find("auditd.repeated");
    if (items == nullptr || !items->IsArray()) return;
    for (const Value& item : items->GetArray()) {
      const std::string_view digits = Document::text(Document::find(item, "record"));
      size_t record = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), record);
      if (record < records_.size()) take(records_[record].repeated, item, nullptr);
    }
  }

  void give_data() {
    const Value* data = document_.find("auditd.data");
    if (data == nullptr || !data->IsObject()) return;
    std::vector<RebuiltField> fields;
    take(fields, *data, document_.find("auditd.interpreted"));
    for (const RebuiltField& field : fields) owner(field.key).fields.push_back(field);
  }

  /// Adds the fields of an object to a list.
  void take(std::vector<RebuiltField>& to, const Value& object, const Value* words) const {
    if (!object.IsObject()) return;
    if (words == nullptr) words = Document::find(object, "interpreted");
    for (const auto& member : object.GetObject()) {
      const std::string_view key(member.name.GetString(), member.name.GetStringLength());
      if (!member.value.IsString() || is_one_of(key, {"record_type", "record"})) continue;
      const bool hex = words != nullptr && is_hex_words(key, *words);
      to.push_back({key, printed(key, Document::text(&member.value)), hex});
    }
  }

  static bool is_hex_words(std::string_view key, const Value& words) {
    const Value* said = words.IsObject() ? Document::find(words, key) : nullptr;
    return said != nullptr && said->IsString();
  }

  /// As printed: auditd.data has some by name.
  [[nodiscard]] std::string_view printed(std::string_view key, std::string_view value) const {
    if (!is_one_of(key, {"arch", "syscall", "exit"})) return value;
    const std::string_view raw = document_.text("auditd.raw." + std::string(key));
    return raw.empty() ? value : raw;
  }

  RebuiltRecord* first_of(int type) {
    const auto found = std::ranges::find(records_, type, &RebuiltRecord::type);
    return found == records_.end() ? nullptr : &*found;
  }

  /// The record that a field of auditd.data is of. Records of a type that came before are whole in auditd.repeated.
  RebuiltRecord& owner(std::string_view key) {
    if (RebuiltRecord* call = first_of(AUDIT_SYSCALL); call != nullptr && is_of_syscall(key)) return *call;
    for (const auto& [name, type] :
         {std::pair("cwd", AUDIT_CWD), std::pair("proctitle", AUDIT_PROCTITLE), std::pair("saddr", AUDIT_SOCKADDR)}) {
      if (RebuiltRecord* own = first_of(type); own != nullptr && key == name) return *own;
    }
    const auto found = std::ranges::find_if(records_, [](const RebuiltRecord& record) {
      return record.type != AUDIT_SYSCALL && record.type != AUDIT_PATH && record.type != AUDIT_EXECVE &&
             record.type != AUDIT_CWD && record.type != AUDIT_PROCTITLE && record.type != AUDIT_SOCKADDR;
    });
    return found == records_.end() ? records_.front() : *found;
  }

  static void write_field(const RebuiltRecord& record, const RebuiltField& field, std::string& text) {
    std::string key(field.key);
    const bool dashed = record.type == AUDIT_LOGIN || is_of_guest(record.type) || is_one_of(key, {"vm_ctx", "img_ctx"});
    if (dashed) std::ranges::replace(key, '_', '-');
    const bool bare = field.hex || field.value.empty() || is_one_of(field.value, {"(null)", "?"});
    const bool argument = record.type == AUDIT_EXECVE && key != "argc" && !key.ends_with("_len");
    if (!bare && (argument || is_quoted(field.key))) {
      text += fmt::format("{}=\"{}\"", key, field.value);
    } else {
      text += fmt::format("{}={}", key, field.value);
    }
  }

  static void write_access(const RebuiltRecord& record, std::string& text) {
    const auto value = [&record](std::string_view key) {
      const auto found = std::ranges::find(record.fields, key, &RebuiltField::key);
      return found == record.fields.end() ? std::string_view() : found->value;
    };
    if (!value("seresult").empty())
      text += fmt::format(" avc:  {}  {{ {} }} for ", value("seresult"), value("seperms"));
  }

  /// A login has old and new values, in this order.
  static void write_login(const RebuiltRecord& record, std::string& text) {
    for (const std::string_view key : {"pid", "uid", "subj", "old_auid", "auid", "tty", "old_ses", "ses", "res"}) {
      for (const auto* fields : {&record.repeated, &record.fields}) {
        const auto found = std::ranges::find(*fields, key, &RebuiltField::key);
        if (found != fields->end()) write_field(record, *found, text += " ");
      }
    }
  }

  static void write(const RebuiltRecord& record, std::string& text) {
    if (record.type == AUDIT_LOGIN) return write_login(record, text);
    const bool user = is_of_user(record.type);
    const auto before_message = [](std::string_view key) {
      return is_one_of(key, {"pid", "uid", "auid", "ses", "subj"});
    };
    if (record.type == AUDIT_AVC) write_access(record, text);
    if (!user) {
      for (const RebuiltField& field : record.repeated) write_field(record, field, text += " ");
    }
    for (const RebuiltField& field : record.fields) {
      if (is_one_of(field.key, {"seresult", "seperms"}) || (user && !before_message(field.key))) continue;
      write_field(record, field, text += " ");
    }
    if (!user) return;
    text += " msg='";
    bool first = true;
    const auto write_message = [&](const RebuiltField& field) {
      if (!std::exchange(first, false)) text += " ";
      write_field(record, field, text);
    };
    // What a message repeats of the fields before it comes first: the tools look for the others behind it.
    for (const RebuiltField& field : record.repeated) {
      if (before_message(field.key)) write_message(field);
    }
    for (const RebuiltField& field : record.fields) {
      if (!before_message(field.key)) write_message(field);
    }
    for (const RebuiltField& field : record.repeated) {
      if (!before_message(field.key)) write_message(field);
    }
    text += "'";
  }

  const Document& document_;
  std::vector<RebuiltRecord> records_;
};

}  // namespace

std::string rebuild_records(const Document& document) {
  return Rebuild(document).lines();
}

}  // namespace acta::report::audit
