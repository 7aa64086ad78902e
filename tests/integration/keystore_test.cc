#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child.h"
#include "support/command.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::Ran;
using test::run_actabeat;
using test::run_shell;
using test::TempDir;

/// The commands with a configuration of their own directory.
class KeystoreCommand : public testing::Test {
 protected:
  KeystoreCommand() {
    configure("output.console: {}\n");
    path_ = dir_ / "data/actabeat.keystore";
  }

  void configure(const std::string& more) {
    file_ = dir_.write("a.yml", "path.data: " + dir_ / "data" + "\nactabeat.inputs: [{type: audit_log, paths: [" +
                                    dir_ / "a.log" + "]}]\n" + more);
    ::chmod(file_.c_str(), 0600);
  }
  Ran keystore(const std::string& arguments, const std::string& input = "") const {
    return run_shell("printf %s '" + input + "' | " + test::program_path() + " keystore " + arguments + " -c " + file_ +
                     " 2>&1");
  }

  TempDir dir_;
  std::string file_, path_;
};

TEST_F(KeystoreCommand, MakesFillsListsAndEmpties) {
  EXPECT_EQ(keystore("list").output,
            "actabeat: error: there is no keystore " + path_ + "; make one: actabeat keystore create\n");
  EXPECT_EQ(keystore("create").output, "made " + path_ + "\n");
  EXPECT_EQ(keystore("create").output,
            "actabeat: error: there is a keystore " + path_ + "; --force replaces it, and its secrets are gone\n");
  EXPECT_EQ(keystore("add ES_PASSWORD --stdin", "hunter2\n").output, "added 'ES_PASSWORD'\n");
  EXPECT_EQ(keystore("add B --stdin", "x").output, "added 'B'\n");
  EXPECT_EQ(keystore("list").output, "B\nES_PASSWORD\n");
  EXPECT_EQ(keystore("add B --stdin", "y").output,
            "actabeat: error: the keystore has a secret 'B'; --force replaces it\n");
  EXPECT_EQ(keystore("add B --stdin --force", "y").output, "replaced 'B'\n");
  EXPECT_EQ(keystore("remove C").output, "actabeat: error: the keystore has no secret 'C'\n");
  EXPECT_EQ(keystore("remove B ES_PASSWORD").output, "removed 'B'\nremoved 'ES_PASSWORD'\n");
  EXPECT_EQ(keystore("list").output, "");
  EXPECT_EQ(keystore("add B --stdin", "z").status, 0);
  EXPECT_EQ(keystore("create --force").status, 0);
  EXPECT_EQ(keystore("list").output, "");
}

TEST_F(KeystoreCommand, RefusesWhatIsNoSecret) {
  ASSERT_EQ(keystore("create").status, 0);
  EXPECT_EQ(keystore("add A --stdin", "\n").output, "actabeat: error: the secret is empty\n");
  EXPECT_EQ(keystore("add 'A B' --stdin", "x").output,
            "actabeat: error: 'A B' is no name of a secret: 1 to 128 letters, digits, '_', '.' and '-'\n");
  EXPECT_EQ(keystore("add").status, 2);
  EXPECT_EQ(keystore("list").output, "");
}

TEST_F(KeystoreCommand, AsksWithoutShowingTheAnswer) {
  ASSERT_EQ(keystore("create").status, 0);
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    ::execl(test::program_path().c_str(), "actabeat", "keystore", "add", "A", "-c", file_.c_str(), nullptr);
    ::_exit(127);
  }
  std::string shown;
  bool answered = false;
  char c = 0;
  while (::read(terminal, &c, 1) == 1) {
    shown += c;
    if (answered || !shown.ends_with("Secret for 'A': ")) continue;
    answered = true;
    ASSERT_EQ(::write(terminal, "hunter2\n", 8), 8);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ::close(terminal);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(shown, "Secret for 'A': \r\nadded 'A'\r\n");
}

TEST_F(KeystoreCommand, WithoutATerminalNeedsStandardInput) {
  ASSERT_EQ(keystore("create").status, 0);
  const Ran ran = run_shell("setsid " + test::program_path() + " keystore add A -c " + file_ + " </dev/null 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.output, "actabeat: error: there is no terminal to ask for the secret on; give it with --stdin\n");
}

TEST_F(KeystoreCommand, FillsInTheConfigurationAndIsShownNowhere) {
  ASSERT_EQ(keystore("create").status, 0);
  ASSERT_EQ(keystore("add OUT --stdin", dir_ / "hunter2").status, 0);
  configure("output.file.path: ${OUT}\nlogging.level: debug\n");
  dir_.write("a.log",
             "type=USER_CMD msg=audit(1700000000.123:7): pid=1 uid=0 auid=0 ses=1 msg='cwd=\"/\" cmd=6C73 "
             "terminal=pts/0 res=success'\n");
  EXPECT_EQ(run_actabeat("test config -c " + file_ + " 2>&1").output, "Config OK\n");
  const Ran shown = run_actabeat("export config -c " + file_ + " 2>&1");
  EXPECT_NE(shown.output.find("\n  path: \"********\"\n"), std::string::npos) << shown.output;
  EXPECT_EQ(shown.output.find("hunter2"), std::string::npos);
  ASSERT_EQ(run_actabeat("run --once -c " + file_ + " 2>&1").status, 0);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "hunter2")) << "the secret is what the agent goes by";
}

TEST_F(KeystoreCommand, HoldsTheKeyOfTheSpool) {
  ASSERT_EQ(keystore("create").status, 0);
  const std::string spool =
      "queue.disk: {max_size: 16MB, encryption.key: '${SPOOL}'}\noutput.file.path: " + dir_ / "out";
  configure(spool);
  dir_.write("a.log",
             "type=USER_CMD msg=audit(1700000000.123:7): pid=1 uid=0 auid=0 ses=1 msg='cwd=\"/\" cmd=6C73 "
             "terminal=pts/0 res=success'\n");
  ASSERT_EQ(keystore("add SPOOL --stdin", "no key").status, 0);
  Ran ran = run_actabeat("run --once -c " + file_ + " 2>&1");
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.output.find("queue.disk.encryption.key: the spool's key must be 64 hexadecimal digits"),
            std::string::npos)
      << ran.output;
  EXPECT_EQ(ran.output.find("no key"), std::string::npos);
  ASSERT_EQ(keystore("add SPOOL --stdin --force", std::string(64, 'a')).status, 0);
  EXPECT_EQ(run_actabeat("run --once -c " + file_ + " 2>&1").status, 0);
  configure(spool + "\nqueue.disk.encryption.key_file: /k\n");
  ran = run_actabeat("run --once -c " + file_ + " 2>&1");
  EXPECT_NE(ran.output.find("queue.disk.encryption has both key and key_file"), std::string::npos) << ran.output;
}

/// Ten commands at once: what each of them says it has added is there afterwards.
TEST_F(KeystoreCommand, LosesNothingWhenSeveralChangeIt) {
  ASSERT_EQ(keystore("create").status, 0);
  std::string command;
  for (int i = 0; i < 10; ++i)
    command += "(echo x | " + test::program_path() + " keystore add K" + std::to_string(i) + " --stdin -c " + file_ +
               " 2>&1 || true) & ";
  const Ran ran = run_shell("{ " + command + " wait; }");
  const std::string listed = keystore("list").output;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "K" + std::to_string(i);
    const bool added = ran.output.find("added '" + name + "'") != std::string::npos;
    EXPECT_EQ(listed.find(name + "\n") != std::string::npos, added) << name << "\n" << ran.output;
  }
}

}  // namespace
}  // namespace acta
