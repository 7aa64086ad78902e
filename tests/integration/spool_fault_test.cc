// The agent with its queue on disk, on real disks that are full, read-only or not its own. From outside.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "base/fs.h"
#include "support/child.h"
#include "support/command.h"
#include "support/mount_namespace.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

namespace fs = std::filesystem;

constexpr int kEvents = 10'000;
constexpr int kMilliseconds = 60'000;  // more than enough for any step, on a loaded machine too

/// A log of events of one record, each with a serial of its own.
std::string log_of(int events) {
  std::string log;
  for (int n = 1; n <= events; ++n) {
    log += "type=USER_LOGIN msg=audit(1700000000.000:" + std::to_string(n) +
           "): pid=1 uid=0 auid=0 ses=1 msg='op=login id=0 exe=\"/usr/sbin/sshd\" hostname=h addr=1.2.3.4 terminal=ssh "
           "res=success'\n";
  }
  return log;
}

size_t count(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

bool wait_for(const std::function<bool()>& ready) {
  for (int waited = 0; waited < kMilliseconds; waited += 10) {
    if (ready()) return true;
    ::usleep(10'000);
  }
  return false;
}

class SpoolFault : public testing::Test {
 protected:
  void configure(const std::string& more = {}) {
    dir_.write("audit.log", log_of(kEvents));
    config_ = dir_.write("actabeat.yml",
                         "actabeat.inputs:\n  - type: audit_log\n    paths: [\"" + (dir_ / "audit.log") + "\"]\n" +
                             "host.id: h1\npath.data: " + (dir_ / "data") + "\nqueue.disk.path: " + (dir_ / "spool") +
                             "\nqueue.disk.max_size: 100MB\nqueue.disk.segment_size: 64KB\nqueue.disk.reserve: 0\n"
                             "queue.disk.compression_level: 0\nqueue.disk.sync: 20ms\noutput.file:\n  path: " +
                             (dir_ / "out") + "\n  backoff.init: 50ms\n  backoff.max: 200ms\n" +
                             "actabeat.registry.flush: 10ms\nlogging.level: info\n" + more);
  }
  std::vector<std::string> command() const {
    return {test::program_path(), "run", "-c", config_, "--strict.perms=false", "-e", "--once"};
  }
  std::string log() const { return dir_.read("log"); }
  test::Ran spool(const std::string& arguments) const {
    return test::run_actabeat("spool " + arguments + " -c " + config_ + " --strict.perms=false 2>&1");
  }

  std::set<std::string> delivered() const {
    std::set<std::string> ids;
    std::ifstream file(dir_ / "out/actabeat.ndjson");
    for (std::string line; std::getline(file, line);) {
      const size_t at = line.find("\"id\":\"h1:");
      if (at != std::string::npos) ids.insert(line.substr(at, line.find('"', at + 9) - at));
    }
    return ids;
  }

  test::TempDir dir_;
  std::string config_;
};

// The number of the step that failed; 0 when all is well.
TEST_F(SpoolFault, AFullDiskIsWaitedForSaidOnceAndCostsNothing) {
  configure();
  fs::create_directory(dir_ / "spool");
  dir_.write("out", "in the way of the output: what is read stays in the spool");
  const int status = test::in_mount_namespace([this] {
    if (!test::mount_small_disk((dir_ / "spool").c_str(), "size=4m,mode=0700")) return test::kNotAllowed;
    test::Child agent(command(), dir_ / "log");
    const std::string said = "waiting, nothing is lost";
    if (!wait_for([&] { return count(log(), said) > 0; })) return 1;
    if (agent.ended_within(1000)) return 2;  // it waits
    if (count(log(), said) != 1) return 3;   // and said so once
    fs::remove(dir_ / "out");                // the output works again, and makes room
    if (!agent.ended_within(kMilliseconds)) return 4;
    if (agent.wait() != 0) return 5;
    if (count(log(), said) != 1) return 6;
    return 0;
  });
  if (status == test::kNotAllowed) GTEST_SKIP() << "LOUD SKIP: mounting a small disk needs root and mount namespaces";
  EXPECT_EQ(status, 0) << "the number is the step of the child that failed\n" << log();
  EXPECT_EQ(delivered().size(), static_cast<size_t>(kEvents));
}

TEST_F(SpoolFault, ADiskFilledBySomebodyElseIsWaitedFor) {
  configure();
  fs::create_directory(dir_ / "spool");
  dir_.write("out", "in the way");
  const int status = test::in_mount_namespace([this] {
    if (!test::mount_small_disk((dir_ / "spool").c_str(), "size=64m,mode=0700")) return test::kNotAllowed;
    std::ofstream(dir_ / "spool/lost+found") << std::string(60u << 20, 'b');
    test::Child agent(command(), dir_ / "log");
    if (!wait_for([this] { return count(log(), "waiting, nothing is lost") == 1; })) return 1;
    fs::remove(dir_ / "spool/lost+found");
    const std::string all = "\"end\":" + std::to_string(kEvents) + ",";
    if (!wait_for([&] { return spool("inspect --json").output.find(all) != std::string::npos; })) return 2;
    fs::remove(dir_ / "out");
    if (!agent.ended_within(kMilliseconds)) return 3;
    return agent.wait() == 0 ? 0 : 4;
  });
  if (status == test::kNotAllowed) GTEST_SKIP() << "LOUD SKIP: mounting a small disk needs root and mount namespaces";
  EXPECT_EQ(status, 0) << log();
  EXPECT_EQ(delivered().size(), static_cast<size_t>(kEvents));
}

// A spool directory that cannot be used: a clear error before anything is read, nothing overwritten.
class SpoolRefused : public SpoolFault {
 protected:
  std::string refused() {
    test::Child agent(command(), dir_ / "log");
    EXPECT_EQ(agent.wait(), 1) << log();
    EXPECT_EQ(dir_.read("data/registry.json"), "");
    EXPECT_FALSE(fs::exists(dir_ / "out/actabeat.ndjson"));
    return log();
  }
};

TEST_F(SpoolRefused, OnAFullDisk) {
  configure();
  fs::create_directory(dir_ / "spool");
  const int status = test::in_mount_namespace([this] {
    if (!test::mount_small_disk((dir_ / "spool").c_str(), "size=64k,mode=0700")) return test::kNotAllowed;
    std::ofstream(dir_ / "spool/lost+found") << std::string(100'000, 'b');
    const std::string said = refused();
    return said.find("No space left on device") != std::string::npos &&
                   said.find("free some space") != std::string::npos
               ? 0
               : 1;
  });
  if (status == test::kNotAllowed) GTEST_SKIP() << "LOUD SKIP: mounting a small disk needs root and mount namespaces";
  EXPECT_EQ(status, 0) << log();
}

TEST_F(SpoolRefused, OnAReadOnlyDisk) {
  configure();
  fs::create_directory(dir_ / "spool");
  const int status = test::in_mount_namespace([this] {
    const std::string spool = dir_ / "spool";
    if (!test::mount_small_disk(spool.c_str(), "size=4m,mode=0700")) return test::kNotAllowed;
    if (!test::remount(spool.c_str(), true)) return test::kNotAllowed;
    if (refused().find("Read-only file system") == std::string::npos) return 1;
    if (!test::remount(spool.c_str(), false)) return test::kNotAllowed;
    test::Child agent(command(), dir_ / "log");
    return agent.wait();
  });
  if (status == test::kNotAllowed) GTEST_SKIP() << "LOUD SKIP: mounting a small disk needs root and mount namespaces";
  EXPECT_EQ(status, 0) << log();
  EXPECT_EQ(delivered().size(), static_cast<size_t>(kEvents)) << "and when it is writable again all is well";
}

TEST_F(SpoolRefused, NotWritable) {
  if (::geteuid() != 0) GTEST_SKIP() << "LOUD SKIP: giving a directory to another user needs root";
  configure();
  fs::create_directory(dir_ / "spool");
  dir_.write("spool/lock", "");
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown((dir_ / "spool/lock").c_str(), kNobody, kNobody), 0);
  EXPECT_NE(refused().find("belongs to the user with id 65534"), std::string::npos) << log();
}

TEST_F(SpoolRefused, OfARunningAgent) {
  configure();
  const pid_t holder = ::fork();
  if (holder == 0) {
    PosixFs posix;
    static_cast<void>(posix.make_dirs(dir_ / "spool"));
    auto lock = posix.lock(dir_ / "spool/lock");
    dir_.write("ready", "");
    ::pause();
    ::_exit(0);
  }
  ASSERT_TRUE(wait_for([this] { return fs::exists(dir_ / "ready"); }));
  const std::string said = refused();
  EXPECT_NE(said.find("another agent (pid " + std::to_string(holder) + " "), std::string::npos) << said;
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
}

TEST_F(SpoolRefused, OfANewerVersion) {
  configure();
  fs::create_directory(dir_ / "spool");
  dir_.write("spool/file.reader", R"({"version":2,"name":"file","committed":5,"crc":"00000000"})");
  EXPECT_NE(refused().find("newer version"), std::string::npos) << log();
  EXPECT_EQ(dir_.read("spool/file.reader"), R"({"version":2,"name":"file","committed":5,"crc":"00000000"})");
}

TEST_F(SpoolRefused, OfSomethingElse) {
  configure();
  fs::create_directory(dir_ / "spool");
  dir_.write("spool/syslog", "important");
  EXPECT_NE(refused().find("not a spool"), std::string::npos) << log();
  EXPECT_EQ(dir_.read("spool/syslog"), "important");
}

// ---- actabeat spool

class SpoolCommand : public SpoolFault {
 protected:
  /// A spool with all events in it and an output that got none: its agent was killed.
  void fill() {
    configure();
    dir_.write("out", "in the way");
    test::Child agent(command(), dir_ / "log");
    const std::string all = "\"end\":" + std::to_string(kEvents) + ",\"documents\":" + std::to_string(kEvents);
    EXPECT_TRUE(wait_for([&] { return spool("inspect --json").output.find(all) != std::string::npos; }))
        << spool("inspect --json").output << log();
    EXPECT_NE(spool("compact").output.find("another agent (pid " + std::to_string(agent.pid())), std::string::npos);
    EXPECT_EQ(spool("verify").status, 0) << "beside the running agent";
    ::usleep(100'000);  // the last sync
    agent.kill(SIGKILL);
    agent.wait();
  }
};

TEST_F(SpoolCommand, InspectVerifyExportAndCompact) {
  fill();
  const test::Ran inspect = spool("inspect");
  EXPECT_NE(inspect.output.find("output     file: committed 0, waiting 10000"), std::string::npos) << inspect.output;
  const test::Ran exported = spool("export --with-offset --from 10 --to 12");
  EXPECT_EQ(exported.status, 0);
  EXPECT_EQ(exported.output.find("{\"offset\":10,\"id\":\"h1:"), 0u) << exported.output;
  EXPECT_EQ(count(exported.output, "\n"), 2u);
  EXPECT_EQ(count(spool("export --output file").output, "\n"), static_cast<size_t>(kEvents));
  const std::string before = spool("export").output;
  const test::Ran compact = spool("compact --json");
  EXPECT_EQ(compact.status, 0) << compact.output;
  EXPECT_NE(compact.output.find("\"passed\":0"), std::string::npos) << compact.output;
  EXPECT_EQ(spool("export").output, before);
  EXPECT_EQ(spool("verify").status, 0);

  // A flipped bit: counted, and the rest is still there.
  const std::string name = "spool/00000000000000000000.seg";
  std::string bytes = dir_.read(name);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  dir_.write(name, bytes);
  const test::Ran damaged = spool("verify");
  EXPECT_EQ(damaged.status, 1);
  EXPECT_NE(damaged.output.find("LOST       documents "), std::string::npos) << damaged.output;
  EXPECT_NE(damaged.output.find("Spool DAMAGED"), std::string::npos);
  EXPECT_EQ(spool("export").status, 1);
}

TEST_F(SpoolCommand, SaysWhatIsMissing) {
  configure("queue.disk.max_size: 0\n");
  EXPECT_NE(spool("inspect --path " + (dir_ / "nowhere")).output.find("No such file"), std::string::npos);
  fs::create_directory(dir_ / "empty");
  EXPECT_NE(spool("verify --path " + (dir_ / "empty")).output.find("holds no spool"), std::string::npos);
  EXPECT_NE(spool("compact --path " + (dir_ / "empty")).output.find("holds no spool"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(dir_ / "empty"));
}

TEST_F(SpoolCommand, DeadLettersAreSentAgain) {
  configure();
  std::string letters;
  for (int n = 0; n < 1200; ++n) {
    letters += R"({"time":"2026-11-23T10:15:30.000Z","output":"file","why":"x","id":"h1:)" + std::to_string(n) +
               R"(","document":{"@timestamp":"2026-11-23T10:15:30.123Z","event":{"id":"h1:)" + std::to_string(n) +
               "\"}}}\n";
  }
  fs::create_directories(dir_ / "data/dead_letters");
  dir_.write("data/dead_letters/file.ndjson", letters + "garbage\n");
  const test::Ran ran = spool("replay-dead-letters --json");
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_NE(ran.output.find(R"({"accepted":1200,"refused_again":0,"unreadable":1,"finished":true})"), std::string::npos)
      << ran.output;
  EXPECT_EQ(delivered().size(), 1200u);
  EXPECT_EQ(count(dir_.read("data/dead_letters/file-refused.ndjson"), "\n"), 1u);
  EXPECT_FALSE(fs::exists(dir_ / "data/dead_letters/file.ndjson"));
  EXPECT_FALSE(fs::exists(dir_ / "data/dead_letters/file.ndjson.replay"));
  EXPECT_NE(spool("replay-dead-letters").output.find("there are no dead letters"), std::string::npos);
}

TEST_F(SpoolCommand, AReplayThatIsKilledGoesOn) {
  configure();
  constexpr int kLetters = 20'000;
  std::string letters;
  for (int n = 0; n < kLetters; ++n)
    letters += R"({"time":"t","output":"file","why":"x","id":"h1:)" + std::to_string(n) +
               R"(","document":{"event":{"id":"h1:)" + std::to_string(n) + "\"}}}\n";
  fs::create_directories(dir_ / "data/dead_letters");
  dir_.write("data/dead_letters/file.ndjson", letters);
  const std::vector<std::string> words{test::program_path(),  "spool", "replay-dead-letters", "-c", config_,
                                       "--strict.perms=false"};
  int kills = 0;
  for (int round = 0; round < 200; ++round) {
    test::Child replay(words, dir_ / "log");
    if (replay.ended_within(5 + round % 20)) break;
    replay.kill(SIGKILL);
    replay.wait();
    ++kills;
  }
  test::Child last(words, dir_ / "log");
  last.wait();
  EXPECT_GT(kills, 0);
  EXPECT_EQ(delivered().size(), static_cast<size_t>(kLetters)) << log();
  EXPECT_FALSE(fs::exists(dir_ / "data/dead_letters/file.ndjson.replay"));
}

TEST_F(SpoolCommand, AReplayIntoAFileNeedsTheAgentStopped) {
  configure();
  fs::create_directories(dir_ / "data/dead_letters");
  dir_.write("data/dead_letters/file.ndjson", "garbage\n");
  dir_.write("out", "in the way");
  test::Child agent(command(), dir_ / "log");
  ASSERT_TRUE(wait_for([this] { return fs::exists(dir_ / "spool/file.reader"); }));
  const test::Ran ran = spool("replay-dead-letters");
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.output.find("another agent (pid " + std::to_string(agent.pid())), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace acta
