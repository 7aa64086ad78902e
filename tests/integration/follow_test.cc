// --follow: rows of documents that are not there yet.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/child.h"
#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

constexpr auto kWait = std::chrono::seconds(60);

std::string login(int serial) {
  return R"({"@timestamp":"2026-11-23T02:36:41.000Z","ecs":{"version":"9.4.0"},"host":{"name":"web1"},"event":)"
         R"({"dataset":"actabeat.audit","original":"type=USER_LOGIN msg=audit(1795401401.000:)" +
         std::to_string(serial) +
         R"(): pid=1 uid=0 auid=1000 ses=5 msg='op=login id=1000 exe=\"/x\" hostname=? addr=192.0.2.7 )"
         R"(terminal=/dev/pts/0 res=success'"}})"
         "\n";
}

class FollowTest : public testing::Test {
 protected:
  void append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  /// Whether `text` is in the output soon.
  bool comes(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + kWait;
    while (std::chrono::steady_clock::now() < end) {
      if (dir_.read("out").find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), test::program_path());
    words.insert(words.end(), {"--follow", "--tz", "UTC", "--from", dir_ / "documents"});
    return words;
  }

  test::TempDir dir_;
  std::string path_ = (std::filesystem::create_directory(dir_ / "documents"), dir_ / "documents/a.ndjson");
};

TEST_F(FollowTest, RowsComeOverRotationsUntilInterrupted) {
  append(login(1));
  test::Child child(command({"aureport", "-l"}), dir_ / "out");
  ASSERT_TRUE(comes("1. 11/23/26 02:36:41 1000 192.0.2.7 /dev/pts/0 /x yes 1\n")) << dir_.read("out");
  const std::string second = login(2);
  append(second.substr(0, 50));
  append(second.substr(50));
  ASSERT_TRUE(comes("2. 11/23/26 02:36:41 1000 192.0.2.7 /dev/pts/0 /x yes 2\n")) << dir_.read("out");
  append(login(3));
  std::filesystem::rename(path_, dir_ / "documents/a-1.ndjson");
  append(login(4));
  ASSERT_TRUE(comes("4. 11/23/26 02:36:41 1000 192.0.2.7 /dev/pts/0 /x yes 4\n")) << dir_.read("out");
  child.kill(SIGINT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(dir_.read("out").find("5. "), std::string::npos) << "something was given twice: " << dir_.read("out");
}

TEST_F(FollowTest, APackedFileIsNotGivenAgain) {
  append(login(1));
  test::Child child(command({"ausearch", "--raw"}), dir_ / "out");
  ASSERT_TRUE(comes(":1): ")) << dir_.read("out");
  ASSERT_EQ(test::run_shell("cd " + (dir_ / "documents") +
                            " && gzip -c a.ndjson > ../p && mv ../p a-1.ndjson.gz && rm a.ndjson")
                .status,
            0);
  append(login(2));
  ASSERT_TRUE(comes(":2): ")) << dir_.read("out");
  child.kill(SIGTERM);
  EXPECT_EQ(child.wait(), 0);
  const std::string out = dir_.read("out");
  EXPECT_EQ(out.find(":1): "), out.rfind(":1): ")) << out;
}

TEST_F(FollowTest, ProcessesComeOldestFirst) {
  const test::Ran replayed = test::run_actabeat("replay " + test::source_path("config/samples/pacct"));
  ASSERT_EQ(replayed.status, 0);
  const std::string& documents = replayed.output;
  const size_t half = documents.find('\n', documents.size() / 2) + 1;
  append(documents.substr(0, half));
  test::Child child(command({"lastcomm"}), dir_ / "out");
  append(documents.substr(half));
  const std::string all = dir_.write("all.ndjson", documents);
  const test::Ran listed = test::run_actabeat("lastcomm --forwards --tz UTC --from " + all);
  const std::string last_line = listed.output.substr(listed.output.rfind('\n', listed.output.size() - 2) + 1);
  ASSERT_TRUE(comes(last_line)) << dir_.read("out");
  child.kill(SIGINT);
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(dir_.read("out"), listed.output);
}

TEST_F(FollowTest, WhatCannotGoOnSaysSo) {
  append(login(1));
  const std::string program = test::program_path();
  const auto refused = [&](const std::string& arguments) {
    const auto ran = test::run_shell(program + " " + arguments + " --from " + path_ + " 2>&1");
    EXPECT_NE(ran.status, 0) << arguments;
    return ran.output;
  };
  EXPECT_NE(refused("aureport --follow").find("without --summary"), std::string::npos);
  EXPECT_NE(refused("aureport -l --follow --by host").find("--host NAME"), std::string::npos);
  EXPECT_NE(refused("ausearch --follow --raw --from -").find("standard input"), std::string::npos);
}

}  // namespace
}  // namespace acta
