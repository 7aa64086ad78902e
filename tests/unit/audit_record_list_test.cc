#include <gtest/gtest.h>

#include <string>

#include "processors/audit/record_list.h"
#include "support/audit_documents.h"

namespace acta::test {
namespace {

std::string record(const std::string& type, const std::string& body) {
  return "type=" + type + " msg=audit(1700000000.123:7): " + body + "\n";
}

const std::string kCall = record("SYSCALL",
                                 "arch=c000003e syscall=257 success=yes exit=3 a0=1 a1=2 a2=3 a3=4 items=0 ppid=1 "
                                 "pid=2 auid=5 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 "
                                 "comm=\"cat\" exe=\"/bin/cat\" key=\"one\"");

struct Lists {
  std::string types, names;
  bool operator==(const Lists&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Lists& lists) {
  return out << lists.types << " / " << lists.names;
}

Lists lists_of(const std::string& log) {
  const auto documents = decode_audit(log).parsed();
  EXPECT_EQ(documents.size(), 1u);
  if (documents.empty()) return {};
  return {text_at(documents[0], "auditd.records"), text_at(documents[0], "auditd.names")};
}

std::string path(const std::string& name) {
  return record("PATH", "item=0 name=" + name + " nametype=NORMAL");
}

const Lists kNone{"<none>", "<none>"};

TEST(AuditRecordList, TypesInTheirOrderAndNamesAsPrinted) {
  EXPECT_EQ(lists_of(kCall + record("CWD", "cwd=\"/root\"") + path("\"/etc/shadow\"") + path("2F612062") +
                     path("(null)") + path("\"\"") + path("\"=x\"")),
            (Lists{"SYSCALL CWD PATH PATH PATH PATH PATH", "/etc/shadow =2F612062 =(null) =\"\" =\"=x\""}));
  EXPECT_EQ(lists_of(record("UNKNOWN[1999]", "pid=1 x=2")), (Lists{"UNKNOWN[1999]", "<none>"}));
}

TEST(AuditRecordList, RecordsThatEndAnEventAreNotListed) {
  EXPECT_EQ(lists_of(kCall + record("PROCTITLE", "proctitle=636174")),
            lists_of(kCall + record("PROCTITLE", "proctitle=636174") + record("EOE", "")));
}

// A name that begins with a dot is below the working directory, when the tools know that by then.
TEST(AuditRecordList, RelativeNames) {
  const std::string directory = record("CWD", "cwd=\"/root\"");
  EXPECT_EQ(
      lists_of(kCall + directory + path("\"./a\"") + path("\"../b\"") + path("2E2E2F612062") + path("\".c\"")).names,
      "/root/./a /root/../b =2F726F6F742F2E2E2F612062 .c");
  EXPECT_EQ(lists_of(kCall + path("\"./a\"") + directory).names, "./a");
}

TEST(AuditRecordList, WhatARecordSaysOtherwise) {
  const std::string login = "pid=2 uid=0 old-auid=4294967295 auid=5 tty=(none) old-ses=4294967295 ses=3 res=1";
  EXPECT_EQ(lists_of(record("LOGIN", login) + kCall).types, "LOGIN{tty=(none)} SYSCALL");
  EXPECT_EQ(lists_of(record("CONFIG_CHANGE", "auid=5 ses=3 op=add_rule key=\"one\" list=4 res=1") + kCall).types,
            "CONFIG_CHANGE{key=\"one\"} SYSCALL");  // each key counts
  EXPECT_EQ(lists_of(record("CONFIG_CHANGE", "auid=5 ses=3 op=add_rule key=\"a b\" list=4 res=1") + kCall), kNone);
}

// Such an event is skipped by the tools, or has values that an index leaves out.
TEST(AuditRecordList, EventsThatTheirDocumentsDoNotTell) {
  EXPECT_EQ(lists_of(record("SYSCALL", "arch=c000003e syscall=257 success=yes exit=3 a0=1 a1=2 pid=2")), kNone);
  EXPECT_EQ(lists_of(record("USER_LOGIN", "pid=1 auid=5 msg='op=login res=success'")), kNone);  // no uid
  std::string other = kCall;
  other.replace(other.find("pid=2"), 5, "pid=3");
  EXPECT_EQ(lists_of(kCall + other), kNone);
  EXPECT_EQ(lists_of(kCall + path("\"a b\"")), kNone);
  const std::string avc = "avc:  denied  { read } for  pid=2 comm=\"cat\" tcontext=a:b:c:s0 tclass=file";
  EXPECT_EQ(lists_of(record("AVC", avc)).types, "AVC");
  EXPECT_EQ(lists_of(record("AVC", avc) + record("AVC", avc)), kNone);
  EXPECT_EQ(lists_of(record("SOMETHING_NEW", "a=1")), kNone);
}

TEST(AuditRecordList, RecordsThatTheToolsReadOtherwise) {
  const auto login = [](const std::string& message) {
    return lists_of(record("USER_LOGIN", "pid=1 uid=0 auid=5 ses=1 msg='" + message + "'")).types;
  };
  EXPECT_EQ(login("op=login acct=\"a\" exe=\"/b\" hostname=? addr=? terminal=ssh res=success"), "USER_LOGIN");
  EXPECT_EQ(login("op=login acct=\"a\" exe=\"/b\" hostname=? addr=? terminal=ssh"), "<none>");  // no space behind
  EXPECT_EQ(login("op=login uid=7 acct=\"a\" res=success"), "USER_LOGIN");
  EXPECT_EQ(login("op=login acct=\"a\" uid=7 res=success"), "<none>");
  EXPECT_EQ(login("op=login acct=\"a\" euid=7 res=success"), "<none>");
  EXPECT_EQ(login("op=login acct=root res=success"), "<none>");  // neither in quotes nor in hexadecimal
  EXPECT_EQ(login("op=login acct=726F6F74 res=success"), "USER_LOGIN");
}

TEST(AuditRecordList, PartsOfAnEventAreNotEvents) {
  EXPECT_EQ(lists_of(record("PATH", "item=1 name=\"a\" nametype=NORMAL")), kNone);
}

TEST(AuditRecordList, TextsLongerThanAnIndexKeeps) {
  const std::string most(audit::kRecordListMax, 'x');
  EXPECT_EQ(lists_of(kCall + path("\"" + most + "\"")).names, most);
  EXPECT_EQ(lists_of(kCall + path("\"" + most + "x\"")), kNone);
  EXPECT_EQ(lists_of(kCall + path("\"" + most + "\"") + path("\"\"")), kNone);
  const std::string user = "pid=1 uid=0 auid=5 msg='op=login acct=\"";
  EXPECT_EQ(lists_of(record("USER_LOGIN", user + most + "\" res=success'")).types, "USER_LOGIN");
  EXPECT_EQ(lists_of(record("USER_LOGIN", user + most + "x\" res=success'")), kNone);
}

}  // namespace
}  // namespace acta::test
