// The figures of lastcomm(1), sa(8) and dump-acct(8), made again from the documents of a real accounting file.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <tuple>

#include "support/acct_documents.h"
#include "support/shared.h"

namespace acta::test {
namespace {

constexpr uint64_t kForked = 1;

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string format(const char* pattern, auto... values) {
  char line[256];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

/// Shows the first line that differs only: the texts are long.
void expect_lines(const std::string& ours, const std::string& theirs) {
  std::istringstream a(ours);
  std::istringstream b(theirs);
  std::string left;
  std::string right;
  for (size_t line = 1; std::getline(a, left) && std::getline(b, right); ++line)
    ASSERT_EQ(left, right) << "line " << line;
  EXPECT_TRUE(ours == theirs);
}

/// What sa(8) sums up for a key, in seconds and in its own "k".
struct Sums {
  uint64_t calls = 0;
  double user = 0, system = 0, elapsed = 0, io = 0, memory = 0;
  void add(const Sums& o) {
    calls += o.calls;
    user += o.user;
    system += o.system;
    elapsed += o.elapsed;
    io += o.io;
    memory += o.memory;
  }
  [[nodiscard]] double cpu() const { return user + system; }
  [[nodiscard]] double per_call(double v) const { return v / static_cast<double>(calls); }
  [[nodiscard]] double k_sec() const { return cpu() != 0 ? per_call(memory) * cpu() : memory; }
};

Sums sums_of(const AcctDocument& d) {
  constexpr double kPageKilobytes = 4;
  return {1,
          d.user_ticks / d.ahz,
          d.system_ticks / d.ahz,
          d.elapsed_ticks / d.ahz,
          d.io / d.ahz,
          d.memory_kb / kPageKilobytes};
}

struct Row {
  std::string name;
  bool forked = false;
  Sums sums;
};

struct Form {
  bool percent = false;   // -c
  bool split = false;     // -l
  bool k_sec = false;     // -K
  bool by_calls = false;  // -n
};

std::string figures(const Sums& s, const Sums& total, const Form& form) {
  std::string line = form.percent ? format("%8ld %7.2f%% ", static_cast<long>(s.calls),
                                           100 * static_cast<double>(s.calls) / static_cast<double>(total.calls))
                                  : format("%8ld ", static_cast<long>(s.calls));
  const auto minutes = [&](double part, double whole, const char* unit) {
    line += format("%10.2f%s", part / 60, unit);
    if (form.percent) line += format(" %7.2f%%", whole == 0 ? 0 : 100 * part / whole);
  };
  minutes(s.elapsed, total.elapsed, "re");
  line += " ";
  if (form.split) {
    minutes(s.user, total.user, "u");
    line += " ";
    minutes(s.system, total.system, "s");
  } else {
    minutes(s.cpu(), total.cpu(), "cp");
  }
  line += format(" %10.0favio ", s.per_call(s.io));
  line += form.k_sec ? format("%9.0fk*sec", s.k_sec()) : format("%9.0fk", s.per_call(s.memory));
  return line;
}

/// The white space between the columns is not what is compared.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ' || out.back() == '\n')) continue;
    if (c == '\n' && !out.empty() && out.back() == ' ') out.pop_back();
    out.push_back(c);
  }
  return out;
}

class PacctFigures : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto users = UserDb::of_files(source_path("tests/data/pacct/passwd"), source_path("tests/data/pacct/group"));
    ASSERT_TRUE(users) << users.error().what;
    documents_ = acct_documents(slurp(source_path("tests/data/pacct/pacct")), **users);
  }
  static std::string expected(const std::string& name) {
    return slurp(source_path("tests/data/pacct/expected/" + name));
  }

  static std::vector<Row> commands(bool all) {
    std::map<std::pair<std::string, bool>, Sums> by_command;
    for (const AcctDocument& d : documents_) by_command[{d.comm, (d.flags & kForked) != 0}].add(sums_of(d));
    std::vector<Row> rows;
    Row other{.name = "***other", .forked = false, .sums = {}};
    for (const auto& [key, sums] : by_command) {
      const bool printable =
          std::all_of(key.first.begin(), key.first.end(), [](char c) { return c >= ' ' && c <= '~'; });
      if (!all && (sums.calls == 1 || !printable)) {
        other.sums.add(sums);
        other.forked = other.forked || key.second;
      } else {
        rows.push_back({key.first, key.second, sums});
      }
    }
    if (other.sums.calls != 0) rows.push_back(other);
    return rows;
  }

  static std::vector<Row> grouped(const std::function<std::string(const AcctDocument&)>& key) {
    std::map<std::string, Sums> by_key;
    for (const AcctDocument& d : documents_) by_key[key(d)].add(sums_of(d));
    std::vector<Row> rows;
    for (const auto& [name, sums] : by_key) rows.push_back({name, false, sums});
    return rows;
  }

  static Sums total() {
    Sums sum;
    for (const AcctDocument& d : documents_) sum.add(sums_of(d));
    return sum;
  }

  static void sort(std::vector<Row>& rows, const Form& form) {
    const auto rank = [&form](const Row& row) {
      const Sums& s = row.sums;
      const auto calls = static_cast<double>(s.calls);
      const double first = form.by_calls ? calls : form.k_sec ? s.k_sec() : s.cpu();
      return std::tuple(first, calls, s.user, s.system, s.elapsed, s.io, s.memory);
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return rank(a) > rank(b); });
  }

  /// Rows of equal rank come in no certain order: all lines after the total are compared as a set, and the sorted
  /// figures in order.
  static void expect_table(const std::string& name, std::vector<Row> rows, const Form& form, bool name_first) {
    sort(rows, form);
    const Sums all = total();
    std::vector<std::string> ours = {squeezed(figures(all, all, form))};
    for (const Row& row : rows) {
      const std::string title = row.name.substr(0, name_first ? 32 : 16) + (row.forked ? "*" : "");
      const std::string sums = figures(row.sums, all, form);
      ours.push_back(squeezed(name_first ? title + " " + sums : sums + " " + title));
    }
    std::vector<std::string> theirs;
    std::istringstream lines(squeezed(expected(name)));
    for (std::string line; std::getline(lines, line);) theirs.push_back(line);
    ASSERT_EQ(ours.size(), theirs.size()) << name;
    EXPECT_EQ(ours[0], theirs[0]) << name;
    EXPECT_GT(ours.size(), 5u);
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_EQ(ours[i], theirs[i]) << name;
  }

  static inline std::vector<AcctDocument> documents_;
};

std::string user_of(const AcctDocument& d) {
  return d.user.empty() ? d.uid : d.user;
}
std::string group_of(const AcctDocument& d) {
  return d.group.empty() ? d.gid : d.group;
}

TEST_F(PacctFigures, OneDocumentForEachRecord) {
  ASSERT_EQ(documents_.size(), 2724u);
  for (size_t i = 0; i < documents_.size(); ++i) ASSERT_EQ(documents_[i].sequence, i);
}

TEST_F(PacctFigures, SaByCommand) {
  expect_table("sa.txt", commands(false), {}, false);
  expect_table("sa-c.txt", commands(false), {.percent = true}, false);
  expect_table("sa-cl.txt", commands(false), {.percent = true, .split = true}, false);
  expect_table("sa-n.txt", commands(false), {.percent = true, .by_calls = true}, false);
  expect_table("sa-K.txt", commands(false), {.k_sec = true}, false);
  expect_table("sa-ac.txt", commands(true), {.percent = true}, false);
}

TEST_F(PacctFigures, SaByUserAndGroup) {
  expect_table("sa-m.txt", grouped(user_of), {}, true);
  expect_table("sa-mc.txt", grouped(user_of), {.percent = true}, true);
  expect_table("sa-Mc.txt", grouped(group_of), {.percent = true}, true);
}

std::string printable(std::string comm) {
  for (char& c : comm) {
    if (c < ' ' || c > '~') c = '?';
  }
  return comm;
}

std::string tty_of(const AcctDocument& d) {
  return d.tty.empty() ? "__" : d.tty;
}

std::string start_of(const AcctDocument& d) {
  const auto start = static_cast<time_t>(d.begin);
  tm utc{};
  char text[32];
  gmtime_r(&start, &utc);
  return asctime_r(&utc, text);  // with its line end, as ctime(3)
}

TEST_F(PacctFigures, LastcommLineByLineFromTheNewestRecord) {
  std::string ours;
  for (auto d = documents_.rbegin(); d != documents_.rend(); ++d) {
    const auto letter = [&d](uint64_t bit, char c) { return (d->flags & bit) != 0 ? c : ' '; };
    ours += format("%-16.16s %c%c%c%c%c %-8.8s %-8.8s %6.2f secs %-16.16s\n", printable(d->comm).c_str(),
                   letter(2, 'S'), letter(1, 'F'), letter(4, 'C'), letter(8, 'D'), letter(16, 'X'), user_of(*d).c_str(),
                   tty_of(*d).c_str(), (d->user_ticks + d->system_ticks) / d->ahz, start_of(*d).c_str());
  }
  expect_lines(ours, expected("lastcomm.txt"));
}

TEST_F(PacctFigures, DumpAcctLineByLine) {
  SKIP_WITHOUT_SHARED(shared);
  std::string ours;
  for (const AcctDocument& d : documents_) {
    const auto letter = [&d](uint64_t bit, char c) { return (d.flags & bit) != 0 ? c : ' '; };
    ours += format("%-16.16s|v%ld|%9.2f|%9.2f|%9.2f|%6s|%6s|%9.2f|%9.2f|%8ld|%8ld|%c%c%c%c%c|%8ld|%-8.8s|%s",
                   d.comm.c_str(), static_cast<long>(d.version), d.user_ticks, d.system_ticks, d.elapsed_ticks,
                   d.uid.c_str(), d.gid.c_str(), d.memory_kb, d.io, static_cast<long>(d.pid),
                   static_cast<long>(d.parent), letter(2, 'S'), letter(1, 'F'), letter(4, 'C'), letter(8, 'D'),
                   letter(16, 'X'), static_cast<long>(d.exit_status >> 8), tty_of(d).c_str(), start_of(d).c_str());
  }
  expect_lines(ours, slurp(*shared + "/golden/live/pacct/expected/dump-acct.txt"));
}

}  // namespace
}  // namespace acta::test
