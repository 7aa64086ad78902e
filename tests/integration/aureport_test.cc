// aureport and ausearch over documents: what they say when something is missing, wrong, or of several hosts.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <sstream>

#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::Ran;

/// A login of `user` on `host`, as it is shipped with keep_original.
std::string login(const std::string& host, int second, int serial, const std::string& result = "success") {
  const std::string id = std::to_string(1'795'401'400 + second) + ".000:" + std::to_string(serial);
  return R"({"@timestamp":"2026-11-23T02:36:)" + std::to_string(40 + second) +
         R"(.000Z","ecs":{"version":"9.4.0"},"host":{"name":")" + host +
         R"("},"event":{"dataset":"actabeat.audit","original":"type=USER_LOGIN msg=audit()" + id +
         R"(): pid=1 uid=0 auid=1000 ses=5 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.7 )" +
         "terminal=/dev/pts/0 res=" + result +
         "'\"},\"auditd\":{\"data\":{\"auid\":\"1000\"},\"interpreted\":" + "{\"auid\":\"alice\"}}}\n";
}

const char* const kLoss =
    R"({"@timestamp":"2026-11-23T02:36:45Z","ecs":{"version":"9.4.0"},"host":{"name":"web1"},"event":{"dataset":)"
    R"("actabeat.lost","start":"2026-11-23T02:36:44Z","end":"2026-11-23T02:36:45Z"},"message":"9 records are lost."})"
    "\n";

class AureportTest : public testing::Test {
 protected:
  Ran run(const std::string& arguments, const std::string& documents) {
    const std::string path = dir_.write("d.ndjson", documents);
    const size_t space = arguments.find(' ');
    return test::run_shell("LC_ALL=C TZ=UTC " + test::program_path() + " " + arguments.substr(0, space) + " --from " +
                           path + (space == std::string::npos ? "" : arguments.substr(space)) + " 2>" + dir_ / "err");
  }
  std::string errors() { return dir_.read("err"); }

  test::TempDir dir_;
};

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST_F(AureportTest, RowsAndExitStatusAreTheTools) {
  const Ran rows = run("aureport -l -i", login("web1", 1, 7) + login("web1", 2, 8, "failed"));
  EXPECT_EQ(rows.status, 0);
  EXPECT_HAS(rows.output, "1. 11/23/26 02:36:41 alice 192.0.2.7 /dev/pts/0 /usr/sbin/sshd yes 7\n");
  EXPECT_HAS(rows.output, "2. 11/23/26 02:36:42 alice 192.0.2.7 /dev/pts/0 /usr/sbin/sshd no 8\n");
  const Ran none = run("aureport -n", login("web1", 1, 7));
  EXPECT_EQ(none.status, 1);
  EXPECT_HAS(none.output, "<no events of interest were found>\n\n");
  const Ran search = run("ausearch -m USER_AUTH", login("web1", 1, 7));
  EXPECT_EQ(search.status, 1);
  EXPECT_EQ(search.output, "");
  EXPECT_HAS(errors(), "<no matches>");
}

TEST_F(AureportTest, ByHostEachHasItsFigures) {
  const Ran ran =
      run("aureport -l --summary -i --by host", login("web1", 1, 7) + login("db1", 1, 7) + login("web1", 3, 9));
  EXPECT_EQ(ran.status, 0);
  const size_t db1 = ran.output.find("\nHost db1\n");
  const size_t web1 = ran.output.find("\nHost web1\n");
  ASSERT_TRUE(db1 != std::string::npos && web1 != std::string::npos && db1 < web1) << ran.output;
  EXPECT_HAS(ran.output.substr(db1, web1 - db1), "1  alice\n");
  EXPECT_HAS(ran.output.substr(web1), "2  alice\n");
}

TEST_F(AureportTest, LossesStandAtTheHead) {
  const Ran ran = run("aureport", login("web1", 1, 7) + kLoss);
  EXPECT_TRUE(
      ran.output.starts_with("Lost, 2026-11-23 02:36:44 to 2026-11-23 02:36:45, host web1: 9 records are lost."))
      << ran.output;
  EXPECT_HAS(run("aureport -ts 11/23/26 03:00:00", login("web1", 1, 7) + kLoss).output, "Number of events: 0");
  EXPECT_EQ(run("aureport -ts 11/23/26 03:00:00", login("web1", 1, 7) + kLoss).output.find("Lost"), std::string::npos);
}

TEST_F(AureportTest, WhatIsMissingIsSaid) {
  EXPECT_HAS(run("aureport", "").output, "None of the 0 documents read is of actabeat.audit.");
  EXPECT_HAS(run("aureport --host web9 --host web1", login("web1", 1, 7)).output,
             "No document is of host web9; there are: web1");
  EXPECT_HAS(run("aureport", login("web1", 1, 7) + "{\n").output, "1 lines are no documents and not counted");
  const Ran unknown = run("aureport -q", "");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_HAS(errors(), "there is no option '-q'");
  EXPECT_EQ(run("aureport -l -e", "").status, 1);
  EXPECT_HAS(errors(), "only one report can be asked for");
  EXPECT_EQ(run("ausearch -m NONSENSE", "").status, 1);
  EXPECT_HAS(errors(), "there is no record type 'NONSENSE'");
  EXPECT_EQ(run("aureport -ts yesterdy", "").status, 1);
  EXPECT_HAS(errors(), "-ts: 'yesterdy' is no date in the form of the locale");
}

TEST_F(AureportTest, JsonIsAnObjectALine) {
  for (const std::string command : {"aureport --format json", "aureport -l -i --format json",
                                    "aureport -x --summary --format json", "ausearch -ul alice --format json"}) {
    const Ran ran = run(command, login("web1", 1, 7) + kLoss);
    std::istringstream lines(ran.output);
    size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
      rapidjson::Document document;
      document.Parse(line.data(), line.size());
      EXPECT_TRUE(!document.HasParseError() && document.IsObject()) << command << ": " << line;
    }
    EXPECT_GT(count, 0u) << command;
  }
}

TEST_F(AureportTest, TimesAreOfTheZoneAskedFor) {
  EXPECT_HAS(run("aureport -l --tz CET-1", login("web1", 1, 7)).output, "1. 11/23/26 03:36:41 ");
  EXPECT_HAS(run("aureport -l --tz CET-1 -ts 11/23/26 03:36:42", login("web1", 1, 7) + login("web1", 2, 8)).output,
             "1. 11/23/26 03:36:42 ");
}

}  // namespace
}  // namespace acta
