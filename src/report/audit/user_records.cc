// The records that programs, auditd and the login code of the kernel write, and access vectors.
#include <libaudit.h>

#include <algorithm>
#include <cctype>

#include "report/audit/record_reader.h"

namespace acta::report::audit {
namespace {

constexpr int kVirtualMachineId = 2502, kVirtualResource = 2501;

bool is_same_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(
      text, word, {}, [](char c) { return std::tolower(static_cast<unsigned char>(c)); },
      [](char c) { return std::tolower(static_cast<unsigned char>(c)); });
}

}  // namespace

bool RecordReader::login() {
  const bool ids = number(kNeedPid, "pid=", found_.pid, Missing::malformed) &&
                   number(kNeedUser, "uid=", found_.user, Missing::malformed) && subject("subj=", End::space);
  if (!ids) return false;
  // "new auid=" before kernel 3.14, " auid=" since.
  const auto newer = [&](std::string_view old_key, std::string_view key) {
    return message_.find(old_key, scan_.place()) == std::string_view::npos ? key : old_key;
  };
  if (!number(kNeedLogin, newer("new auid=", " auid="), found_.login, Missing::malformed, End::space_or_rest))
    return false;
  if (needs(kNeedSuccess) && message_.find("res=", scan_.place()) == std::string_view::npos)
    found_.success = Extracted::kSucceeded;  // kernels that wrote none always succeeded
  if (!numeric_result()) return false;
  if (scan_.rest().find(' ') == std::string_view::npos) scan_.restart();  // it was the last field
  return number(kNeedSession, newer("new ses=", " ses="), found_.session, Missing::malformed, End::space_or_rest);
}

bool RecordReader::daemon() {
  const size_t from = std::min(message_.find(')'), message_.size());
  const size_t begin = from == message_.size() ? 0 : from;
  scan_.go(begin);
  const bool good = number(kNeedLogin, "auid=", found_.login, Missing::malformed) &&
                    number(kNeedPid, "pid=", found_.pid, Missing::malformed) &&
                    number(kNeedUser, " uid=", found_.user, Missing::fine) &&
                    number(kNeedSession, "ses=", found_.session, Missing::fine) && subject("subj=", End::space_or_rest);
  return good && word_result(begin);
}

bool RecordReader::daemon_peer() {
  if (needs(kNeedHost) && scan_.find("addr=")) {
    auto value = scan_.up_to(':');
    if (!value) value = scan_.up_to(' ');
    if (!value) return false;
    found_.host = *value;
  }
  return word_result(scan_.place());
}

bool RecordReader::user(AccessVector* access) {
  const bool ids = number(kNeedPid, "pid=", found_.pid, Missing::malformed) &&
                   number(kNeedUser, "uid=", found_.user, Missing::malformed) &&
                   login_of(Missing::malformed, End::space) &&
                   number(kNeedSession, "ses=", found_.session, Missing::fine);
  if (!ids) return false;
  if (access == nullptr) {
    if (!subject("subj=", End::space)) return false;
  } else {
    if (!word(kNeedSubject, "subj=", access->subject)) return false;
    static_cast<void>(word(kNeedObject, "tcontext=", access->object));
    static_cast<void>(word(kNeedObject, "tclass=", access->object_class));
  }
  if (type_ == AUDIT_ADD_GROUP || type_ == AUDIT_DEL_GROUP || type_ == AUDIT_GRP_MGMT) {
    const bool other = type_ == AUDIT_GRP_MGMT && scan_.rest().find(" id=") == std::string_view::npos;
    if (!number(kNeedGroup, other ? "gid=" : " id=", found_.group, Missing::fine)) return false;
  }
  if (!user_guest() || !user_second_id()) return false;
  const size_t from = scan_.place();
  if (!text(kNeedCommand, "comm=", found_.command, Missing::fine)) return false;
  size_t behind = scan_.place();
  if (!user_account(from, behind)) return false;
  return user_host(behind) && user_result(behind);
}

bool RecordReader::user_guest() {
  if (!text(kNeedMachine, "vm=", found_.machine, Missing::fine)) return false;
  if (needs(kNeedUuid) && scan_.find("uuid=")) {
    const std::string_view rest = scan_.rest();
    const std::string_view value = rest.substr(0, rest.find_first_of(" :"));
    if (value.empty()) return false;
    found_.uuid = value;
    scan_.skip(value.size());
  }
  if (type_ == kVirtualMachineId) {
    if (!subject("vm-ctx=", End::space)) return false;
    std::optional<std::string> image;
    if (!word(kNeedObject, "img-ctx=", image)) return false;
    if (image) found_.access.push_back({.object = std::move(image)});
  }
  if (type_ != kVirtualResource || !needs(kNeedFiles)) return true;
  const bool path = scan_.rest().find(" path=") != std::string_view::npos;
  return file_after(path ? " path=" : " new-disk=", Missing::fine);
}

// Some records have a uid= inside of msg=, which is the one that is meant: USER_LOGIN for one.
bool RecordReader::user_second_id() {
  if (!needs(kNeedUser)) return true;
  do {
    if (!scan_.find("uid=")) return true;
  } while (scan_.before("uid=") == 'a');
  const char before = scan_.before("uid=");
  if (before == 's' || before == 'u') {  // suid=, uuid=
    scan_.go(scan_.place() - 4);
    return true;
  }
  if (before != '\'' && before != ' ') return false;
  const std::string_view rest = scan_.rest();
  const auto end = std::ranges::find_if_not(rest, [](char c) { return c >= '0' && c <= '9'; });
  const auto count = static_cast<size_t>(end - rest.begin());
  if (count == 0) return false;
  found_.user = to_id(rest.substr(0, count));
  scan_.skip(count);
  return true;
}

bool RecordReader::user_account(size_t from, size_t& behind) {
  scan_.go(from);
  if (!scan_.find("acct=")) return true;
  if (scan_.at('"')) {
    scan_.skip(1);
    const auto value = scan_.up_to('"');
    found_.account = value ? *value : scan_.rest();
    if (!value) scan_.skip(scan_.rest().size());
  } else {
    scan_.go(from);
    static_cast<void>(legacy_text(kAlways, "acct=", found_.account));
  }
  behind = scan_.place();
  return true;
}

bool RecordReader::user_host(size_t from) {
  // A word ends at a comma, wherever that is (old PAM text), else at a space.
  const auto until_comma = [this]() {
    const auto value = scan_.up_to(',');
    return value ? value : scan_.up_to(' ');
  };
  scan_.go(from);
  if (needs(kNeedHost) && scan_.find("hostname=")) {
    const auto name = until_comma();
    if (!name) return false;
    found_.host = *name;
    if (*name == "?" && scan_.find("addr=")) {
      const auto address = until_comma();
      if (!address) return false;
      found_.host = *address;
    }
  }
  scan_.go(from);
  if (!legacy_text(kNeedFiles, "cwd=", found_.directory)) return false;
  scan_.go(from);
  if (needs(kNeedTerminal) && scan_.find("terminal=")) {
    auto name = scan_.up_to(' ');
    if (!name) name = scan_.up_to(')');
    if (!name) return false;
    found_.terminal = *name;
  }
  scan_.go(from);
  return legacy_text(kNeedExe, "exe=", found_.exe);
}

bool RecordReader::user_result(size_t from) {
  if (!needs(kNeedSuccess)) return true;
  scan_.go(from);
  if (scan_.find("res=")) {
    const auto value = scan_.up_to('\'');
    if (!value) return false;
    found_.success = value->starts_with("failed") ? Extracted::kFailed : Extracted::kSucceeded;
  } else if (scan_.find("result=")) {
    const auto value = scan_.up_to(')');
    if (!value) return false;
    found_.success = is_same_word(*value, "success") ? Extracted::kSucceeded : Extracted::kFailed;
  }
  return true;
}

bool RecordReader::access_vector() {
  AccessVector access;
  if (scan_.find("avc: ")) {
    const auto words = scan_.up_to('{');
    if (words) {
      if (needs(kNeedSuccess)) {
        const bool denied = words->find("denied") != std::string_view::npos;
        found_.success = denied ? Extracted::kFailed : Extracted::kSucceeded;
        access.result = denied ? AccessVector::Result::denied : AccessVector::Result::granted;
      }
      scan_.skip(1);
      while (scan_.at(' ')) scan_.skip(1);
      auto permission = scan_.up_to('}');
      if (!permission) return false;
      while (permission->ends_with(' ')) permission->remove_suffix(1);
      access.permission = *permission;
    } else {
      scan_.restart();
    }
  }
  if (type_ == AUDIT_USER_AVC) {
    scan_.restart();
    const bool good = user(&access);
    found_.access.push_back(std::move(access));
    return good;
  }
  if (!access_vector_fields(access)) return false;
  found_.access.push_back(std::move(access));
  return true;
}

bool RecordReader::access_vector_fields(AccessVector& access) {
  if (!number(kNeedPid, "pid=", found_.pid, Missing::fine)) return false;
  if (!found_.command && !text(kNeedCommand, "comm=", found_.command, Missing::malformed)) return false;
  const size_t before_file = scan_.place();
  const bool path = scan_.rest().find(" path=") != std::string_view::npos;
  if (!file_after(path ? " path=" : " name=", Missing::fine)) return false;
  scan_.go(before_file);
  if (!word(kNeedSubject, "scontext=", access.subject) || !word(kNeedObject, "tcontext=", access.object)) return false;
  if (!scan_.find("tclass=")) return false;
  access.object_class = scan_.up_to_or_rest(' ');
  return true;
}

}  // namespace acta::report::audit
