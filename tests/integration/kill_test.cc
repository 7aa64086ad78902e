// SIGKILL at any moment of `run`, followed by a restart: the set of ids in the output equals the set in the input, and
// a document that came twice is the same but for event.created and agent.ephemeral_id.
#include <gtest/gtest.h>
#include <zstd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "support/child.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

std::string interleaved_log() {
  std::ifstream file(test::source_path("tests/data/interleaved.log.zst"), std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  const std::string packed = bytes.str();
  std::string log(ZSTD_getFrameContentSize(packed.data(), packed.size()), '\0');
  EXPECT_EQ(ZSTD_decompress(log.data(), log.size(), packed.data(), packed.size()), log.size());
  return log;
}

/// Puts a login into the log every so many lines: its LOGIN event, its USER_LOGIN and its USER_END apart from each
/// other.
std::string with_logins(const std::string& log) {
  constexpr size_t kEvery = 700, kApart = 100;
  constexpr const char* kCall =
      "arch=c000003e syscall=1 success=yes exit=4 a0=5 a1=7f a2=4 a3=0 items=0 ppid=1 pid=7 auid=1000 uid=0 gid=0 "
      "euid=0 "
      "suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=7 comm=\"sshd\" exe=\"/usr/sbin/sshd\" key=(null)";
  constexpr const char* kUser =
      "pid=7 uid=0 auid=1000 ses=7 msg='op=login id=1000 exe=\"/usr/sbin/sshd\" hostname=h "
      "addr=? terminal=/dev/pts/1 res=success'";
  std::string out;
  std::istringstream lines(log);
  size_t number = 0, serial = 90'000'000;
  for (std::string line; std::getline(lines, line); ++number) {
    out += line + "\n";
    const size_t from = line.find("msg=audit(") + 10;
    const std::string time = line.substr(from, line.find(':', from) - from);
    const auto add = [&](const std::string& type, const std::string& body) {
      out += "type=" + type + " msg=audit(" + time + ":" + std::to_string(serial) + "): " + body + "\n";
    };
    if (number % kEvery == kApart) {
      ++serial;
      add("LOGIN", "pid=7 uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=7 res=1");
      add("SYSCALL", kCall);
      add("PROCTITLE", "proctitle=73736864");
    } else if (serial > 90'000'000 && (number % kEvery == 2 * kApart || number % kEvery == 3 * kApart)) {
      ++serial;
      add(number % kEvery == 2 * kApart ? "USER_LOGIN" : "USER_END", kUser);
    }
  }
  return out;
}

/// The keys (sec.mmm:serial) of a log, in the way that has nothing to do with ours. A login that is over has one more.
std::map<std::string, int> keys_of(const std::string& log) {
  std::map<std::string, int> keys;
  std::istringstream lines(log);
  std::string login;
  for (std::string line; std::getline(lines, line);) {
    const size_t from = line.find("msg=audit(") + 10;
    const std::string key = line.substr(from, line.find(')', from) - from);
    ++keys[key];
    if (line.starts_with("type=LOGIN ")) login = key;
    if (line.starts_with("type=USER_END ") && line.find(" ses=7 ") != std::string::npos) ++keys[login + ":session"];
  }
  return keys;
}

class KillTest : public testing::Test {
 protected:
  void configure(const std::string& queue) {
    config_ = dir_.write("actabeat.yml",
                         "actabeat.inputs:\n  - type: audit_log\n    paths: [\"" + (dir_ / "audit.log") + "\"]\n" +
                             // A look-up of the host's users may be late on a loaded machine.
                             "actabeat.users.passwd: " + test::source_path("tests/data/pacct/passwd") +
                             "\nhost.id: h1\npath.data: " + (dir_ / "data") + "\n" + queue +
                             "output.file:\n  path: " + (dir_ / "out") +
                             "\n  rotate_every_kb: 4000000\nactabeat.registry.flush: 10ms\nlogging.level: warning\n");
  }
  std::vector<std::string> command(bool once = true) const {
    std::vector<std::string> words{test::program_path(), "run", "-c", config_, "--strict.perms=false", "-e"};
    if (once) words.emplace_back("--once");
    return words;
  }

  /// Kills the agent at random moments until a run ends by itself. Returns how often it was killed.
  int run_with_kills(unsigned seed, int rounds, int milliseconds_max) {
    std::mt19937 random(seed);
    int kills = 0;
    for (int round = 0; round < rounds; ++round) {
      test::Child agent(command(), dir_ / "log");
      if (agent.ended_within(static_cast<int>(random() % static_cast<unsigned>(milliseconds_max)))) break;
      agent.kill(SIGKILL);
      agent.wait();
      ++kills;
    }
    test::Child agent(command(), dir_ / "log");
    EXPECT_EQ(agent.wait(), 0) << dir_.read("log");
    return kills;
  }

  /// Checks the output against the keys of the log.
  void check(const std::map<std::string, int>& keys) {
    std::map<std::string, std::string> documents;
    std::istringstream lines(dir_.read("out/actabeat.ndjson"));
    size_t doubled = 0;
    for (std::string line; std::getline(lines, line);) {
      const std::string id = field(line, "\"id\":\"h1:");
      ASSERT_FALSE(id.empty()) << line;
      const std::string content = without(without(line, "\"created\":\""), "\"ephemeral_id\":\"");
      const auto [found, fresh] = documents.emplace(id, content);
      doubled += fresh ? 0 : 1;
      ASSERT_EQ(found->second, content);
    }
    EXPECT_EQ(documents.size(), keys.size());
    for (const auto& [key, records] : keys) ASSERT_EQ(documents.count(key), 1u) << key << " is missing";
    RecordProperty("doubled", static_cast<int>(doubled));
  }

  static std::string field(const std::string& line, const std::string& before) {
    const size_t at = line.find(before);
    if (at == std::string::npos) return {};
    return line.substr(at + before.size(), line.find('"', at + before.size()) - at - before.size());
  }
  static std::string without(std::string line, const std::string& before) {
    const size_t at = line.find(before);
    if (at != std::string::npos)
      line.erase(at + before.size(), line.find('"', at + before.size()) - at - before.size());
    return line;
  }

  test::TempDir dir_;
  std::string config_;
};

TEST_F(KillTest, NothingIsLostInTheMiddleOfInterleavedEvents) {
  constexpr unsigned kSeed = 41;
  const std::string log = with_logins(interleaved_log());
  dir_.write("audit.log", log);
  configure("queue.mem.events: 256\n");
  const int kills = run_with_kills(kSeed, 60, 120);
  RecordProperty("kills", kills);
  EXPECT_GT(kills, 3) << "the agent was never killed: seed " << kSeed;
  check(keys_of(log));
}

TEST_F(KillTest, NothingIsLostWithTheQueueOnDisk) {
  constexpr unsigned kSeed = 43;
  const std::string log = with_logins(interleaved_log());
  dir_.write("audit.log", log);
  configure("queue.disk.max_size: 100MB\nqueue.disk.segment_size: 1MB\nqueue.disk.sync: 5ms\nqueue.disk.reserve: 0\n");
  const int kills = run_with_kills(kSeed, 60, 120);
  EXPECT_GT(kills, 3) << "the agent was never killed: seed " << kSeed;
  check(keys_of(log));
}

TEST_F(KillTest, NothingIsLostWhileTheLogGrowsAndIsRotated) {
  constexpr unsigned kSeed = 42;
  const std::string log = with_logins(interleaved_log());
  configure("queue.mem.events: 512\n");
  std::mt19937 random(kSeed);
  size_t at = 0;
  int rotated = 0;
  std::ofstream file(dir_ / "audit.log");
  while (at < log.size()) {
    test::Child agent(command(false), dir_ / "log");
    const bool rotate = random() % 3 == 0 && rotated < 5;
    size_t upto = std::min(log.size(), at + 200'000 + random() % 1'500'000);  // cut at any byte
    if (rotate) upto = log.find('\n', upto - 1) + 1;                          // but a log is rotated between lines
    file << log.substr(at, upto - at) << std::flush;
    at = upto;
    if (rotate) {
      file.close();
      for (int n = rotated; n > 0; --n) {
        std::rename((dir_ / ("audit.log." + std::to_string(n))).c_str(),
                    (dir_ / ("audit.log." + std::to_string(n + 1))).c_str());
      }
      std::rename((dir_ / "audit.log").c_str(), (dir_ / "audit.log.1").c_str());
      ++rotated;
      file.open(dir_ / "audit.log");
    }
    ASSERT_FALSE(agent.ended_within(static_cast<int>(random() % 80))) << dir_.read("log");
    agent.kill(SIGKILL);
    agent.wait();
  }
  file.close();
  RecordProperty("rotated", rotated);
  test::Child agent(command(), dir_ / "log");
  ASSERT_EQ(agent.wait(), 0) << dir_.read("log");
  check(keys_of(log));
}

}  // namespace
}  // namespace acta
