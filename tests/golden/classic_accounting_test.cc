// lastcomm and sa over documents print what the tools print of the accounting file that the documents were made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include "support/acct_writer.h"
#include "support/audit_documents.h"
#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

constexpr const char* kData = "tests/data/pacct/";

/// One row of COMMANDS.tsv, with the tool's own argument for its file left out.
struct Row {
  std::string file{}, command{};
  int status = 0;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.command;
}

std::vector<Row> rows() {
  std::vector<Row> found;
  std::ifstream table(source_path(std::string(kData) + "expected/COMMANDS.tsv"));
  for (std::string line; std::getline(table, line);) {
    std::istringstream columns(line);
    Row row;
    std::string status;
    std::getline(columns, row.file, '\t');
    std::getline(columns, status, '\t');
    std::getline(columns, row.command);
    row.status = std::atoi(status.c_str() + 3);
    for (const std::string input : {" -f pacct", " pacct"}) {
      if (row.command.ends_with(input)) row.command.resize(row.command.size() - input.size());
    }
    found.push_back(row);
  }
  return found;
}

std::string replay(const std::string& file, const std::string& documents, const std::string& options = "") {
  const std::string data = source_path(kData);
  const Ran ran = run_actabeat("replay --type pacct " + options + " --passwd " + data + "passwd --group " + data +
                               "group " + file + " >" + documents);
  EXPECT_EQ(ran.status, 0) << ran.output;
  return documents;
}

const std::string& documents() {
  static TempDir dir;
  static const std::string path = replay(source_path(std::string(kData) + "pacct"), dir / "documents.ndjson");
  return path;
}

Ran report(const std::string& command, const std::string& from) {
  return run_shell("LC_ALL=C TZ=UTC " + program_path() + " " + command + " --from " + from + " 2>&1");
}

class ClassicAccounting : public testing::TestWithParam<Row> {};

TEST_P(ClassicAccounting, PrintsTheSame) {
  const Ran ran = report(GetParam().command, documents());
  const std::string expected = read_text(source_path(std::string(kData) + "expected/" + GetParam().file));
  EXPECT_EQ(ran.status, GetParam().status);
  std::istringstream ours(ran.output), theirs(expected);
  std::string left, right;
  for (size_t line = 1; std::getline(ours, left) && std::getline(theirs, right); ++line)
    ASSERT_EQ(left, right) << "line " << line;
  EXPECT_TRUE(ran.output == expected);
}

INSTANTIATE_TEST_SUITE_P(Of, ClassicAccounting, testing::ValuesIn(rows()), [](const auto& test) {
  std::string name = test.param.file;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(ClassicAccountingData, AllCommandsAreTested) {
  EXPECT_EQ(rows().size(), 13u);
}

std::string processes(std::initializer_list<std::pair<const char*, uint32_t>> names_and_users) {
  std::string file;
  for (const auto& [name, uid] : names_and_users)
    file += write_acct({.uid = uid, .begin = 1795401424, .name = name}, 3, false);
  return file;
}

TEST(ClassicAccounting, HostsAreApartOrTogether) {
  TempDir dir;
  const std::string a = replay(dir.write("a", processes({{"ls", 0}, {"ls", 0}})), dir / "a.ndjson", "--host-id a");
  const std::string b =
      replay(dir.write("b", processes({{"cp", 0}, {"cp", 0}, {"ls", 0}})), dir / "b.ndjson", "--host-id b");
  EXPECT_EQ(report("sa -n", a + " " + b).output,
            "       5       0.00re       0.00cp         0avio         0k\n"
            "       3       0.00re       0.00cp         0avio         0k   ls\n"
            "       2       0.00re       0.00cp         0avio         0k   cp\n");
  EXPECT_EQ(report("sa -n --host a", a + " " + b).output,
            "       2       0.00re       0.00cp         0avio         0k\n"
            "       2       0.00re       0.00cp         0avio         0k   ls\n");
  EXPECT_EQ(report("lastcomm --host b ls", a + " " + b + " --tz UTC").output,
            "ls                     root     __         0.00 secs Mon Nov 23 02:37\n");
  EXPECT_NE(report("sa --by host", a + " " + b).output.find("\nHost "), std::string::npos);
}

TEST(ClassicAccounting, WhatIsMissingOrWrongIsSaid) {
  TempDir dir;
  const std::string a = replay(dir.write("a", processes({{"ls", 0}})), dir / "a.ndjson", "--host-id a");
  EXPECT_NE(report("lastcomm --host nobody", a).output.find("No document is of host nobody"), std::string::npos);
  EXPECT_NE(report("sa", dir.write("empty.ndjson", "")).output.find("None of the 0 documents"), std::string::npos);
  EXPECT_NE(report("sa", dir.write("bad.ndjson", "{]\n")).output.find("1 lines are no documents"), std::string::npos);
  for (const char* wrong : {"sa -x", "sa pacct", "sa -mu", "sa -v 0 -q", "lastcomm --strict-match --user a --user b"}) {
    const Ran ran = report(std::string(wrong), a);
    EXPECT_NE(ran.status, 0) << wrong;
    EXPECT_NE(ran.output.find("actabeat: error"), std::string::npos) << ran.output;
  }
}

TEST(ClassicAccounting, EveryWordHasToMatchStrictly) {
  TempDir dir;
  const std::string a = replay(dir.write("a", processes({{"ls", 0}, {"ls", 1000}, {"cp", 1000}})), dir / "a.ndjson");
  const std::string line = "ls                     alice    __         0.00 secs Mon Nov 23 02:37\n";
  EXPECT_EQ(report("lastcomm --strict-match ls alice", a).output, line);
  EXPECT_EQ(report("lastcomm --strict-match --command ls --user alice", a).output, line);
  EXPECT_EQ(report("lastcomm --forwards ls", a).output.substr(0, 4), "ls  ");
}

TEST(ClassicAccounting, JsonIsAnObjectALine) {
  TempDir dir;
  const std::string a = replay(dir.write("a", processes({{"ls", 1000}, {"ls", 1000}})), dir / "a.ndjson");
  EXPECT_NE(report("sa --format json", a).output.find(R"({"command":"ls","forked":false,"calls":2,)"),
            std::string::npos);
  const std::string list = report("lastcomm --format json", a).output;
  EXPECT_NE(list.find(R"("command":"ls","flags":"","user":"alice","tty":"__","cpu_seconds":0.00,"start":1795401424)"),
            std::string::npos)
      << list;
}

}  // namespace
}  // namespace acta::test
