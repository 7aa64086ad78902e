// aureport, ausearch, aulast and auvirt over documents print what the tools print of the log that the documents were
// made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

constexpr const char* kData = "tests/data/classic/";

/// A log and a folder of what the tools print of it.
struct Case {
  const char* name;
  const char* log;  ///< below kData
  bool raw;         ///< without the enriched part of its lines
  const char* passwd;
  const char* group;                  ///< "" for nobody
  const char* expected;               ///< folder
  const char* fallback;               ///< folder for what is the same there
  const char* file_name;              ///< by which -t names the log
  const char* options;                ///< beside those of the tool
  const char* replay = "--original";  ///< how the documents are made
};

constexpr Case kCases[] = {
    {"Enriched", "audit/audit-enriched.log.zst", false, "audit/passwd", "audit/group", "audit/expected-enriched", "",
     "audit.log", ""},
    {"Raw", "audit/audit-enriched.log.zst", true, "audit/passwd", "audit/group", "audit/expected-raw",
     "audit/expected-enriched", "audit.log", ""},
    {"Audit4", "audit/audit-enriched.log.zst", false, "audit/passwd", "audit/group", "audit/expected-4.2.1",
     "audit/expected-enriched", "audit.log", "--compat 4"},
    {"Fields", "audit/audit-enriched.log.zst", true, "audit/passwd", "audit/group", "audit/expected-raw",
     "audit/expected-enriched", "audit.log", "", ""},
    {"Stream", "stream/cat.log.zst", false, "stream/passwd", "audit/group", "stream/expected", "", "cat.log", ""},
    {"Logins", "logins/audit.log.zst", false, "audit/passwd", "audit/group", "logins/expected", "", "audit.log", ""},
};

/// One row of COMMANDS.tsv.
struct Row {
  const Case* of;
  std::string file{}, tool{}, options{};
  int status = 0;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.tool << " " << row.options;
}

std::vector<Row> rows() {
  std::vector<Row> found;
  for (const Case& one : kCases) {
    std::ifstream table(source_path(kData + std::string(one.expected) + "/COMMANDS.tsv"));
    for (std::string line; std::getline(table, line);) {
      std::istringstream columns(line);
      Row row{.of = &one};
      std::string status, command;
      std::getline(columns, row.file, '\t');
      std::getline(columns, status, '\t');
      std::getline(columns, command);
      row.status = std::atoi(status.c_str() + 3);
      row.tool = command.substr(0, command.find(' '));
      // What audit 4.x calls an action lies in tables of its libauparse; ours are those of the library built against.
      if (one.name == std::string("Audit4") && command.find("--format") != std::string::npos) continue;
      // Without event.original the records are made of fields: of the same fields, but not byte for byte.
      const bool bytes = row.tool.starts_with("auv") || row.tool.starts_with("aul") ||
                         command.find("--raw") != std::string::npos || command == "ausearch -if audit.log -ui 1000";
      if (one.replay[0] == '\0' && bytes) continue;
      row.options = command.substr(row.tool.size());
      for (const std::string input : {" -if audit.log", " -f audit.log"}) {
        if (const size_t at = row.options.find(input); at != std::string::npos) row.options.erase(at, input.size());
      }
      found.push_back(row);
    }
  }
  return found;
}

/// The documents of a case, made once.
const std::string& documents_of(const Case& one) {
  static TempDir dir;
  static std::map<std::string, std::string> made;
  std::string& path = made[one.name];
  if (!path.empty()) return path;
  std::string log = read_log(source_path(kData + std::string(one.log)));
  if (one.raw) {
    std::string cut;
    for_each_line(log, [&cut](std::string_view line) { cut.append(line.substr(0, line.find('\x1d'))).append("\n"); });
    log = cut;
  }
  std::filesystem::create_directory(dir / one.name);
  const std::string folder = dir / one.name + "/";
  std::ofstream(folder + "log", std::ios::binary) << log;
  path = folder + one.file_name;
  const Ran ran =
      run_actabeat("replay " + std::string(one.replay) + " --passwd " + source_path(kData + std::string(one.passwd)) +
                   " --group " + source_path(kData + std::string(one.group)) + " " + folder + "log >" + path);
  EXPECT_EQ(ran.status, 0);
  return path;
}

/// aulast --proof names the moment at which it was run as the end of what is open: at 02:38:43, right after the last
/// record, at 02:39:24, and the one of 4.2.1 at 03:02:14. Ours is that of the last record.
std::string at_the_end(std::string text) {
  for (const std::string run : {" --end 11/23/26 02:39:24", " --end 11/23/26 03:02:14"}) {
    for (size_t at = text.find(run); at != std::string::npos; at = text.find(run)) {
      text.replace(at, run.size(), " --end 11/23/26 02:38:43");
    }
  }
  return text;
}

std::string expected_text(const Row& row) {
  for (const char* folder : {row.of->expected, row.of->fallback}) {
    const std::string path = source_path(kData + std::string(folder) + "/" + row.file);
    if (std::string(folder) != "" && std::filesystem::exists(path)) return at_the_end(read_text(path));
  }
  ADD_FAILURE() << row.file << " is nowhere";
  return {};
}

std::string line_of(const std::string& text, size_t at) {
  const size_t begin = text.rfind('\n', at == 0 ? 0 : at - 1);
  const size_t from = begin == std::string::npos ? 0 : begin + 1;
  return text.substr(from, text.find('\n', from) - from);
}

class ClassicTools : public testing::TestWithParam<Row> {};

TEST_P(ClassicTools, PrintTheSame) {
  const Row& row = GetParam();
  const std::filesystem::path documents = documents_of(*row.of);
  const Ran ran =
      run_shell("cd " + documents.parent_path().string() + " && LC_ALL=C TZ=UTC " + program_path() + " " + row.tool +
                " --from " + documents.filename().string() + row.options + " " + row.of->options);
  const std::string expected = expected_text(row);
  EXPECT_EQ(ran.status, row.status);
  const auto [ours, theirs] = std::ranges::mismatch(ran.output, expected);
  const auto at = static_cast<size_t>(ours - ran.output.begin());
  EXPECT_TRUE(ran.output == expected) << "ours:   " << line_of(ran.output, at) << "\ntheirs: " << line_of(expected, at);
}

INSTANTIATE_TEST_SUITE_P(Of, ClassicTools, testing::ValuesIn(rows()), [](const auto& test) {
  std::string name = std::string(test.param.of->name) + "_" + test.param.file;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(ClassicToolsData, AllCommandsAreTested) {
  EXPECT_EQ(rows().size(), 191u + 36);
}

}  // namespace
}  // namespace acta::test
