#include "sys/agent.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "support/fake_fs.h"
#include "support/temp_dir.h"
#include "sys/uuid.h"

namespace acta {
namespace {

TEST(Uuid, Version5FollowsRfc4122) {
  // The DNS name space and "www.example.com": a published value.
  EXPECT_EQ(uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(uuid5("6ba7b8109dad11d180b400c04fd430c8", "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, AnyHostIdGivesStableAndDifferentIds) {
  EXPECT_EQ(uuid5("web-7", "node"), uuid5("web-7", "node"));
  EXPECT_NE(uuid5("web-7", "node"), uuid5("web-8", "node"));
  EXPECT_NE(uuid5("web-7", "node"), uuid5("web-7", "node2"));
  EXPECT_TRUE(is_uuid(uuid5("web-7", "node")));
}

TEST(Uuid, Version4IsRandom) {
  const std::string id = uuid4();
  EXPECT_TRUE(is_uuid(id));
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(id, uuid4());
}

TEST(Agent, IdIsKeptAndEphemeralIdIsNew) {
  const test::TempDir dir;
  PosixFs fs;
  const auto first = load_agent(fs, dir / "data", "web-7");
  ASSERT_TRUE(first) << first.error().what;
  const auto second = load_agent(fs, dir / "data", "web-7");
  ASSERT_TRUE(second);
  EXPECT_TRUE(is_uuid(first->id));
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(first->name, "web-7");
  EXPECT_NE(first->ephemeral_id, second->ephemeral_id);
  struct stat st {};
  ASSERT_EQ(::stat((dir / "data/agent.json").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777u, 0600u);
}

TEST(Agent, AnIdThatWasUsedOutlivesTheHostsCrash) {
  test::FakeFs fs;
  ASSERT_TRUE(fs.make_dirs("data"));
  ASSERT_TRUE(fs.sync_dir("."));
  // What an agent leaves that is killed before the name is on the disk.
  auto file = fs.open("data/new", OpenMode::create_new);
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_TRUE((*file)->append("{\"id\":\"" + uuid4() + "\"}\n"));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE(fs.rename("data/new", "data/agent.json"));
  const auto used = load_agent(fs, "data", "n");
  ASSERT_TRUE(used);
  std::mt19937_64 random(1);
  fs.crash(test::FakeFs::Loss::everything, random);
  const auto later = load_agent(fs, "data", "n");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->id, used->id);
}

TEST(Agent, DamagedFileIsReplaced) {
  const test::TempDir dir;
  PosixFs fs;
  for (const char* content : {"", "{}", "{\"id\":\"x\"}", "{\"id\":", "\xff\xff"}) {
    dir.write("agent.json", content);
    const auto agent = load_agent(fs, dir.path(), "n");
    ASSERT_TRUE(agent);
    EXPECT_EQ(dir.read("agent.json"), "{\"id\":\"" + agent->id + "\"}\n");
  }
}

TEST(Agent, WithoutAPathNothingIsKept) {
  PosixFs fs;
  const auto agent = load_agent(fs, "", "n");
  ASSERT_TRUE(agent);
  EXPECT_TRUE(is_uuid(agent->id));
}

TEST(Agent, APathThatIsAFileFails) {
  const test::TempDir dir;
  PosixFs fs;
  EXPECT_FALSE(load_agent(fs, dir.write("file", ""), "n"));
}

}  // namespace
}  // namespace acta
