// What a running agent is still allowed to do.
#include "sys/privileges.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "support/child.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta::test {
namespace {

using Status = std::map<std::string, std::string>;

Status status_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  Status status;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    const size_t value = line.find_first_not_of(" \t", colon == std::string::npos ? colon : colon + 1);
    if (value != std::string::npos) status[line.substr(0, colon)] = line.substr(value);
  }
  return status;
}

class Privileges : public testing::Test {
 protected:
  // Starts the agent on an empty log, and waits until it is done giving up.
  Status run(const std::string& settings) {
    dir_.write("audit.log", "");
    const std::string config =
        dir_.write("a.yml", "actabeat.inputs: [{type: audit_log, paths: [" + (dir_ / "audit.log") +
                                "]}]\noutput.file: {path: " + (dir_ / "out") + "}\npath.data: " + (dir_ / "data") +
                                "\nhost.id: h\n" + settings);
    child_.emplace(std::vector<std::string>{program_path(), "run", "-e", "--strict.perms=false", "-c", config},
                   dir_ / "log");
    Status status;
    for (int i = 0; i < 500; ++i) {
      status = status_of(child_->pid());
      if (dir_.read("log").find("actabeat") != std::string::npos) break;  // it says that it starts, or why not
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return status_of(child_->pid());
  }

  TempDir dir_;
  std::optional<Child> child_;
};

Capabilities mask(const std::string& hex) {
  return std::stoull(hex, nullptr, 16);
}

TEST_F(Privileges, OnlyWhatAnInputNeedsIsKept) {
  const Capabilities before = effective_capabilities();
  Status status = run("");
  EXPECT_EQ(status["NoNewPrivs"], "1");
  EXPECT_EQ(status["Seccomp"], "2") << "a filter";
  const Capabilities kept = before & capability(CAP_DAC_READ_SEARCH);
  EXPECT_EQ(mask(status["CapEff"]), kept);
  EXPECT_EQ(mask(status["CapPrm"]), kept);
  if ((before & capability(CAP_SETPCAP)) != 0) {
    EXPECT_EQ(mask(status["CapBnd"]), 0u);
  }
  child_->kill(SIGTERM);
  EXPECT_EQ(child_->wait(), 0) << dir_.read("log");
}

TEST_F(Privileges, NothingIsGivenUpWhenToldSo) {
  const Capabilities before = effective_capabilities();
  Status status = run("privileges: {drop: false, seccomp: false}\n");
  EXPECT_EQ(mask(status["CapEff"]), before);
  EXPECT_EQ(status["Seccomp"], status_of(::getpid())["Seccomp"]);
}

TEST_F(Privileges, RootBecomesTheUserThatIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "LOUD SKIP: needs root";
  constexpr uid_t kNobody = 65534;
  const std::string data = dir_ / "data";
  ASSERT_EQ(::mkdir(data.c_str(), 0700), 0);
  ASSERT_EQ(::chown(data.c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chown(dir_.path().c_str(), kNobody, kNobody), 0);
  Status status = run("privileges.user: nobody\n");
  EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
  EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
  EXPECT_EQ(mask(status["CapEff"]), capability(CAP_DAC_READ_SEARCH));
  EXPECT_EQ(mask(status["CapBnd"]), 0u);
}

TEST(PrivilegesDeathTest, AThreadGoesBeforeOthersAfterAllElseIsGivenUp) {
  const Capabilities before = effective_capabilities();
  const bool by_limit = (before & capability(CAP_SYS_RESOURCE)) != 0;
  if (!by_limit && (before & capability(CAP_SYS_NICE)) == 0)
    GTEST_SKIP() << "LOUD SKIP: needs CAP_SYS_RESOURCE or CAP_SYS_NICE";
  const auto boost_after_drop = [by_limit] {
    const Capabilities needed = capability(CAP_SYS_NICE);
    if (!drop_privileges({.user = {}, .needed = needed})) std::_Exit(1);
    if (effective_capabilities() != (by_limit ? 0 : needed)) std::_Exit(1);
    if (!boost_thread() || ::getpriority(PRIO_PROCESS, 0) != -kPriorityBoost) std::_Exit(2);
    std::_Exit(0);
  };
  EXPECT_EXIT(boost_after_drop(), testing::ExitedWithCode(0), "");
}

TEST_F(Privileges, AUserThatIsNotThereIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "LOUD SKIP: needs root";
  run("privileges.user: nosuchuser\n");
  EXPECT_EQ(child_->wait(), 1);
  EXPECT_NE(dir_.read("log").find("there is no user 'nosuchuser'"), std::string::npos) << dir_.read("log");
}

}  // namespace
}  // namespace acta::test
