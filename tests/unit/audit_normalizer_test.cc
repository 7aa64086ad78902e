#include <gtest/gtest.h>

#include <string>

#include "support/audit_documents.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

rapidjson::Document one(const std::string& log, const AuditRunOptions& options = {}) {
  auto documents = decode_audit(log, options).parsed();
  EXPECT_EQ(documents.size(), 1u);
  return documents.empty() ? rapidjson::Document() : std::move(documents[0]);
}

std::string record(const std::string& type, const std::string& body) {
  return "type=" + type + " msg=audit(1700000000.123:7): " + body + "\n";
}

std::string call(int number, const std::string& rest) {
  return record("SYSCALL",
                "arch=c000003e syscall=" + std::to_string(number) + " success=yes exit=0 pid=2 ppid=1 uid=0 " + rest);
}

TEST(AuditNormalizer, IdsAndTimes) {
  const auto document = one(record("USER_LOGIN", "pid=1 uid=0 auid=5 ses=3 msg='op=login id=5 res=success'"));
  EXPECT_EQ(text_at(document, "@timestamp"), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(text_at(document, "event.id"), "00000000000000000000000000000001:1700000000.123:7");
  EXPECT_EQ(text_at(document, "event.sequence"), "7");
  EXPECT_EQ(text_at(document, "auditd.session"), "3");
  EXPECT_EQ(text_at(document, "event.outcome"), "success");
}

TEST(AuditNormalizer, UnsetIdsMakeNoField) {
  const auto document =
      one(record("USER_LOGIN", "pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"eve\" res=failed'"));
  EXPECT_EQ(text_at(document, "user.id"), "<none>");
  EXPECT_EQ(text_at(document, "auditd.user.audit.id"), "<none>");
  EXPECT_EQ(text_at(document, "auditd.session"), "<none>");
  EXPECT_EQ(text_at(document, "user.effective.name"), "eve");
  EXPECT_EQ(text_at(document, "auditd.interpreted.auid"), "unset");
  EXPECT_EQ(text_at(document, "event.outcome"), "failure");
  EXPECT_EQ(text_at(document, "auditd.result"), "fail");
}

TEST(AuditNormalizer, NamesOfTheEnrichedTailAreBeforeThoseOfTheHost) {
  TempDir temp;
  AuditRunOptions options;
  options.passwd = temp.write("passwd", "local:x:5:5::/:/bin/sh\n");
  const std::string body = "pid=1 uid=0 auid=5 ses=3 msg='op=x id=6 uid=7 res=success'";
  EXPECT_EQ(text_at(one(record("ADD_USER", body), options), "user.name"), "local");
  const auto document =
      one(record("ADD_USER", body + "\x1dUID=\"root\" AUID=\"writer\" ID=\"unknown(6)\" UID=\"seven\""), options);
  EXPECT_EQ(text_at(document, "user.name"), "writer");
  EXPECT_EQ(text_at(document, "user.effective.name"), "root");
  EXPECT_EQ(text_at(document, "user.target.id"), "6");
  EXPECT_EQ(text_at(document, "user.target.name"), "<none>");
  EXPECT_EQ(text_at(document, "auditd.interpreted.id"), "unknown(6)");
  EXPECT_EQ(text_at(document, "auditd.repeated[0].uid"), "7");
  EXPECT_EQ(text_at(document, "auditd.repeated[0].interpreted.uid"), "seven");
}

TEST(AuditNormalizer, LongCommandNamesAreTakenFromTheProgram) {
  const auto name = [](const std::string& comm, const std::string& exe) {
    return text_at(one(call(39, "comm=\"" + comm + "\" exe=\"" + exe + "\"")), "process.name");
  };
  EXPECT_EQ(name("systemd-journal", "/usr/lib/systemd/systemd-journald"), "systemd-journald");
  EXPECT_EQ(name("bash", "/bin/bash"), "bash");
  EXPECT_EQ(name("exactly15chars_", "/bin/other"), "exactly15chars_");
}

TEST(AuditNormalizer, FileOfInterest) {
  const std::string cwd = record("CWD", "cwd=\"/home/u\"");
  const auto path = [](int item, const std::string& name, const std::string& kind) {
    return record("PATH", "item=" + std::to_string(item) + " name=\"" + name + "\" inode=" + std::to_string(10 + item) +
                              " mode=0100644 nametype=" + kind);
  };
  const auto renamed = one(call(82, "items=4") + cwd + path(0, "/home/u", "PARENT") + path(1, "/tmp", "PARENT") +
                           path(2, "a.txt", "DELETE") + path(3, "/tmp/b", "CREATE"));
  EXPECT_EQ(text_at(renamed, "file.path"), "/home/u/a.txt");
  EXPECT_EQ(text_at(renamed, "file.extension"), "txt");
  EXPECT_EQ(text_at(renamed, "file.target_path"), "/tmp/b");
  EXPECT_EQ(text_at(renamed, "event.type"), "change");
  const auto linked = one(call(86, "items=3") + cwd + path(0, "/home/u", "PARENT") + path(1, "old", "NORMAL") +
                          path(2, "new", "CREATE"));
  EXPECT_EQ(text_at(linked, "file.path"), "/home/u/new");
  EXPECT_EQ(text_at(linked, "file.target_path"), "/home/u/old");
  const auto failed = one(call(87, "items=1") + cwd + path(0, "/home/u/", "PARENT"));
  EXPECT_EQ(text_at(failed, "file.path"), "/home/u");
}

TEST(AuditNormalizer, OpenFlagsTellWhatHappens) {
  const auto opened = [](const std::string& flags, const std::string& kind) {
    const auto document = one(call(257, "a0=ffffff9c a1=1 a2=" + flags + " a3=0 items=1") + record("CWD", "cwd=\"/\"") +
                              record("PATH", "item=0 name=\"f\" inode=1 mode=0100644 nametype=" + kind));
    return text_at(document, "event.type");
  };
  EXPECT_EQ(opened("0", "NORMAL"), "info");
  EXPECT_EQ(opened("80000", "NORMAL"), "info");
  EXPECT_EQ(opened("1", "NORMAL"), "change");
  EXPECT_EQ(opened("2", "NORMAL"), "change");
  EXPECT_EQ(opened("241", "CREATE"), "creation");
  EXPECT_EQ(opened("241", "NORMAL"), "change");
  const auto openat2 = one(call(437, "a0=ffffff9c items=1") + record("OPENAT2", "oflag=0102 mode=0640 resolve=0x4") +
                           record("CWD", "cwd=\"/\"") + record("PATH", "item=0 name=\"f\" inode=1 nametype=NORMAL"));
  EXPECT_EQ(text_at(openat2, "event.type"), "change");
}

TEST(AuditNormalizer, DirectoryDescriptors) {
  const auto deleted = [](const std::string& descriptor, const std::string& parent) {
    return one(call(263, "a0=" + descriptor + " items=2") + record("CWD", "cwd=\"/home/u\"") +
               record("PATH", "item=0 name=\"" + parent + "\" inode=1 nametype=PARENT") +
               record("PATH", "item=1 name=\"v\" inode=2 nametype=DELETE"));
  };
  EXPECT_EQ(text_at(deleted("ffffff9c", "/home/u"), "file.path"), "/home/u/v");
  EXPECT_EQ(text_at(deleted("ffffffffffffff9c", "/home/u"), "file.path"), "/home/u/v");
  EXPECT_EQ(text_at(deleted("5", "/srv/data"), "file.path"), "/srv/data/v");
  // The kernel prints the working directory for a parent that is a descriptor: it is not known where the file was.
  const auto unknown = deleted("5", "/home/u");
  EXPECT_EQ(text_at(unknown, "file.path"), "v");
  EXPECT_NE(text_at(unknown, "auditd.warnings"), "<none>");
}

TEST(AuditNormalizer, FileAttributes) {
  const auto type = [](const std::string& mode) {
    const auto document = one(call(90, "items=1") + record("PATH", "item=0 name=\"/x\" inode=1 mode=" + mode +
                                                                       " ouid=4294967295 ogid=3 nametype=NORMAL"));
    EXPECT_EQ(text_at(document, "file.uid"), "<none>");
    EXPECT_EQ(text_at(document, "file.gid"), "3");
    return text_at(document, "file.type") + " " + text_at(document, "file.mode");
  };
  EXPECT_EQ(type("0100644"), "file 0644");
  EXPECT_EQ(type("041777"), "dir 1777");
  EXPECT_EQ(type("0120777"), "symlink 0777");
  EXPECT_EQ(type("0140000"), "socket 0000");
  EXPECT_EQ(type("020620"), "character 0620");
  EXPECT_EQ(type("060660"), "block 0660");
  EXPECT_EQ(type("010600"), "fifo 0600");
  EXPECT_EQ(type("0106755"), "file 6755");
  EXPECT_EQ(type("9"), "<none> <none>");
}

TEST(AuditNormalizer, Sockets) {
  const auto connected = one(call(42, "items=0") + record("SOCKADDR", "saddr=02000050A9FEA9FE0000000000000000"));
  EXPECT_EQ(text_at(connected, "destination.ip"), "169.254.169.254");
  EXPECT_EQ(text_at(connected, "destination.port"), "80");
  EXPECT_EQ(text_at(connected, "network.direction"), "egress");
  EXPECT_EQ(text_at(connected, "network.type"), "ipv4");
  EXPECT_EQ(text_at(connected, "auditd.data.socket.family"), "ipv4");
  EXPECT_EQ(text_at(connected, "related.ip"), "169.254.169.254");
  const auto local = one(call(42, "items=0") + record("SOCKADDR", "saddr=01002F72756E2F7800"));
  EXPECT_EQ(text_at(local, "destination.address"), "/run/x");
  EXPECT_EQ(text_at(local, "destination.ip"), "<none>");
  EXPECT_EQ(text_at(local, "auditd.data.socket.family"), "unix");
}

TEST(AuditNormalizer, CommandLines) {
  const auto executed =
      one(call(59, "items=1 comm=\"ls\" exe=\"/bin/ls\"") + record("EXECVE", "argc=3 a0=\"ls\" a1=2D6C2078 a2=\"\"") +
          record("PROCTITLE", "proctitle=6C73002D6C207800"));
  EXPECT_EQ(text_at(executed, "process.args"), "ls|-l x|");
  EXPECT_EQ(text_at(executed, "process.args_count"), "3");
  EXPECT_EQ(text_at(executed, "process.command_line"), "ls -l x ");
  EXPECT_EQ(text_at(executed, "process.title"), "ls -l x");
  EXPECT_EQ(text_at(executed, "auditd.execve[0].a1"), "2D6C2078");
  EXPECT_EQ(text_at(executed, "auditd.execve[0].interpreted.a1"), "-l x");
  const auto command = one(record(
      "USER_CMD",
      "pid=1 uid=1000 auid=1000 ses=1 msg='cwd=\"/\" cmd=6C73202D6C exe=\"/usr/bin/sudo\" terminal=? res=success'"));
  EXPECT_EQ(text_at(command, "process.command_line"), "ls -l");
  EXPECT_EQ(text_at(command, "process.args"), "ls|-l");
  EXPECT_EQ(text_at(command, "process.working_directory"), "/");
}

TEST(AuditNormalizer, ArgumentsBeyondTheLimitAreCutAndSaid) {
  std::string body = "argc=100";
  for (int i = 0; i < 100; ++i) body += " a" + std::to_string(i) + "=\"" + std::string(50, 'x') + "\"";
  AuditRunOptions options;
  options.args_bytes_max = 1000;
  options.explain = true;
  const auto documents =
      decode_audit(call(59, "items=1") + record("EXECVE", body) + record("PROCTITLE", "proctitle=\"x\""), options);
  ASSERT_EQ(documents.json.size(), 1u);
  EXPECT_LT(documents.json[0].size(), 6000u);
  const auto document = documents.parsed();
  EXPECT_NE(text_at(document[0], "actabeat.truncated").find("process.args"), std::string::npos);
  EXPECT_NE(text_at(document[0], "actabeat.truncated").find("auditd.execve"), std::string::npos);
  EXPECT_EQ(text_at(document[0], "process.args_count"), "100");
}

TEST(AuditNormalizer, WordsForNothingStayDistinguishable) {
  const auto document = one(call(39, "comm=\"?\" exe=? tty=(none) key=(null) a=\"(null)\" b= c=\"\""));
  EXPECT_EQ(text_at(document, "auditd.data.comm"), "\"?\"");
  EXPECT_EQ(text_at(document, "auditd.data.exe"), "?");
  EXPECT_EQ(text_at(document, "auditd.data.key"), "(null)");
  EXPECT_EQ(text_at(document, "auditd.data.a"), "\"(null)\"");
  EXPECT_EQ(text_at(document, "auditd.data.b"), "");
  EXPECT_EQ(text_at(document, "process.executable"), "<none>");
  EXPECT_EQ(text_at(document, "process.name"), "?");
  EXPECT_EQ(text_at(document, "tags"), "<none>");
}

TEST(AuditNormalizer, EveryFieldOfAnEnrichedTailHasAPlace) {
  const std::string log = record("AVC",
                                 "x=y\x1d"
                                 "UID=\"root\" X=\"Y\" AUID=\"alice\"") +
                          call(39,
                               "gid=5\x1d"
                               "ARCH=x86_64 SYSCALL=getpid UID=\"root\" GID=\"5\" FSUID=\"\" MORE=\"\xff\"") +
                          record("PROCTITLE", "proctitle=\"x\"");
  const auto document = one(log);
  EXPECT_EQ(text_at(document, "auditd.data.arch"), "x86_64");
  EXPECT_EQ(text_at(document, "auditd.interpreted.arch"), "<none>");
  EXPECT_EQ(text_at(document, "auditd.interpreted.uid"), "root");
  EXPECT_EQ(text_at(document, "auditd.interpreted.gid"), "5");
  EXPECT_EQ(text_at(document, "auditd.interpreted.x"), "Y");
  // Of no field: by the name that the field would have.
  EXPECT_EQ(text_at(document, "auditd.interpreted.auid"), "alice");
  EXPECT_EQ(text_at(document, "auditd.data.auid"), "<none>");
  EXPECT_EQ(text_at(document, "auditd.interpreted.fsuid"), "");
  EXPECT_EQ(text_at(document, "auditd.bytes.more"), "FF");
  // A field of another record has the name.
  EXPECT_EQ(text_at(document, "auditd.repeated[0].record_type"), "AVC");
  EXPECT_EQ(text_at(document, "auditd.repeated[0].record"), "0");
  EXPECT_EQ(text_at(document, "auditd.repeated[0].interpreted.uid"), "root");
}

TEST(AuditNormalizer, KeysOfRules) {
  EXPECT_EQ(text_at(one(call(39, "key=6101620161")), "tags"), "a|b");
  EXPECT_EQ(text_at(one(call(39, "key=\"6101\"")), "tags"), "6101");
}

TEST(AuditNormalizer, NamesErrorsAndArchitectures) {
  const auto document = one(record("SYSCALL", "arch=40000003 syscall=5 success=no exit=-13 a0=1"));
  EXPECT_EQ(text_at(document, "auditd.data.syscall"), "open");
  EXPECT_EQ(text_at(document, "auditd.data.arch"), "i386");
  EXPECT_EQ(text_at(document, "auditd.data.exit"), "EACCES");
  EXPECT_EQ(text_at(document, "auditd.raw.syscall"), "5");
  EXPECT_EQ(text_at(document, "auditd.raw.arch"), "40000003");
  EXPECT_EQ(text_at(document, "auditd.raw.exit"), "-13");
  const auto unknown = one(record("SYSCALL", "arch=c000003e syscall=99999 success=yes exit=-99999"));
  EXPECT_EQ(text_at(unknown, "auditd.data.syscall"), "99999");
  EXPECT_EQ(text_at(unknown, "auditd.data.exit"), "-99999");
}

TEST(AuditNormalizer, AppArmorByWayOfDbus) {
  const auto document = one(record("USER_AVC",
                                   "pid=1 uid=0 msg='apparmor=\"DENIED\" operation=\"dbus_method_call\" "
                                   "bus=\"system\" exe=\"/usr/bin/dbus-daemon\"'"));
  EXPECT_EQ(text_at(document, "event.action"), "violated-apparmor-policy");
  EXPECT_EQ(text_at(document, "event.type"), "denied|info");
  EXPECT_EQ(text_at(one(record("USER_AVC", "pid=1 msg='avc:  denied  { send_msg } for  tclass=dbus'")), "event.action"),
            "access-permission");
}

TEST(AuditNormalizer, CallsThatLibauditNamesInItsOwnWay) {
  const auto action = [](const std::string& arch, int number) {
    return text_at(
        one(record("SYSCALL", "arch=" + arch + " syscall=" + std::to_string(number) + " success=yes exit=0")),
        "event.action");
  };
  EXPECT_EQ(action("c000003e", 246), "loaded-kernel-image");
  EXPECT_EQ(action("40000003", 283), "loaded-kernel-image");  // sys_kexec_load
  EXPECT_EQ(action("c00000b7", 104), "loaded-kernel-image");
  EXPECT_EQ(action("c00000b7", 80), action("c000003e", 5));  // newfstat, fstat
  EXPECT_EQ(action("c000003e", 17), "read-file");            // pread
  EXPECT_EQ(action("c000003e", 18), "wrote-to-file");        // pwrite
}

TEST(AuditNormalizer, ExitOfAProcess) {
  const auto document = one(record("SYSCALL", "arch=c000003e syscall=231 a0=102 a1=0 pid=9"));
  EXPECT_EQ(text_at(document, "event.action"), "end");
  EXPECT_EQ(text_at(document, "process.exit_code"), "2");
  EXPECT_EQ(text_at(document, "process.end"), text_at(document, "@timestamp"));
  EXPECT_EQ(text_at(document, "event.outcome"), "<none>");
}

TEST(AuditNormalizer, OtherNodes) {
  const auto named = [](const std::string& node) {
    AuditRunOptions options;
    options.host_name = "web1";
    return text_at(one("node=" + node + " " + record("SERVICE_START", "pid=1 uid=0 msg='unit=x res=success'"), options),
                   "host.name");
  };
  EXPECT_EQ(named("web1"), "web1");
  EXPECT_EQ(named("web1.example"), "web1");
  EXPECT_EQ(named("web10"), "web10");
  EXPECT_EQ(named("db.example"), "db.example");
}

TEST(AuditNormalizer, LinesThatAreNoRecordsAreDocumentsToo) {
  const auto document = one("not a record \xff\n");
  EXPECT_EQ(text_at(document, "event.kind"), "pipeline_error");
  EXPECT_EQ(text_at(document, "actabeat.raw_hex"), "6E6F742061207265636F726420FF");
  EXPECT_NE(text_at(document, "error.message"), "<none>");
}

TEST(AuditNormalizer, RecordWithoutTypeHasAnAction) {
  const auto document = one("audit(1721000000.123:42): pid=1234 uid=0\n");
  EXPECT_EQ(text_at(document, "event.action"), "unknown");
  EXPECT_EQ(text_at(document, "event.code"), "<none>");
  EXPECT_EQ(text_at(document, "process.pid"), "1234");
}

TEST(AuditNormalizer, OriginalRecordsAreKeptWhole) {
  AuditRunOptions options;
  options.keep_original = true;
  const std::string log = call(39, "key=(null)\x1dUID=\"root\"") + record("PROCTITLE", "proctitle=\"x\"");
  EXPECT_EQ(text_at(one(log, options), "event.original") + "\n", log);
}

TEST(AuditNormalizer, DocumentsSayWhereTheirRecordsLay) {
  AuditRunOptions options;
  options.fingerprint = "00f1";
  options.keep_original = true;
  const auto of = [](int serial, const char* type) {
    return std::string("type=") + type + " msg=audit(1700000000.123:" + std::to_string(serial) + "): a=b\n";
  };
  const std::string together = of(1, "SYSCALL") + of(1, "PROCTITLE");
  const std::string begun = of(2, "SYSCALL"), between = of(3, "USER_AUTH"), ended = of(2, "PROCTITLE");
  const auto documents = decode_audit(together + begun + between + ended, options).parsed();
  ASSERT_EQ(documents.size(), 3u);
  const auto offset = [](size_t size) { return std::to_string(size); };
  EXPECT_EQ(text_at(documents[0], "actabeat.fingerprint"), "00f1");
  EXPECT_EQ(text_at(documents[0], "actabeat.offset"), "0");
  EXPECT_EQ(text_at(documents[0], "actabeat.record_offsets"), "<none>");
  EXPECT_EQ(text_at(documents[1], "actabeat.offset"), offset(together.size() + begun.size()));
  EXPECT_EQ(text_at(documents[2], "actabeat.offset"), offset(together.size()));
  EXPECT_EQ(text_at(documents[2], "actabeat.record_offsets"),
            offset(together.size()) + "|" + offset(together.size() + begun.size() + between.size()));
}

// Without the records nobody asks for their order, and a log without EOE gives the same documents.
TEST(AuditNormalizer, APlaceGoesWithTheRecords) {
  AuditRunOptions options;
  options.fingerprint = "00f1";
  const auto document = one(record("USER_AUTH", "pid=1"), options);
  EXPECT_EQ(text_at(document, "actabeat.offset"), "<none>");
  EXPECT_EQ(text_at(document, "actabeat.fingerprint"), "<none>");
}

TEST(AuditNormalizer, ManyRepeatedFieldsTakeLinearTime) {
  std::string body;
  for (int i = 0; i < 16000; ++i) body += "a=1 a-b=2 ";
  const auto documents = decode_audit(record("AVC", body));
  EXPECT_EQ(documents.json.size(), 1u);
}

}  // namespace
}  // namespace acta::test
