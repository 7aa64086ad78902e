#include "config/keystore.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "config/keystore_cipher.h"
#include "config/loader.h"
#include "support/temp_dir.h"
#include "support/test_catalog.h"

namespace acta {
namespace {

using test::TempDir;
using test::test_catalog;

/// An environment variable of one test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

std::string make_store(const TempDir& dir, const std::map<std::string, std::string>& secrets,
                       std::string_view password = "") {
  PosixFs fs;
  Keystore store;
  for (const auto& [name, secret] : secrets) EXPECT_TRUE(store.set(name, secret));
  const std::string path = dir / "actabeat.keystore";
  const auto saved = store.save(fs, path, password);
  EXPECT_TRUE(saved) << saved.error().what;
  return path;
}

Result<Config> load(const TempDir& dir, const std::string& text) {
  PosixFs fs;
  const std::string file = dir.write("a.yml", "path.data: " + dir.path() + "\n" + text);
  ::chmod(file.c_str(), 0600);
  return load_config(fs, file, test_catalog(), {});
}

TEST(Keystore, KeepsSecretsInAFileOfItsOwner) {
  const TempDir dir;
  PosixFs fs;
  const std::string binary("\0\xff\n{}", 5);
  const std::string path =
      make_store(dir, {{"A", "hunter2"}, {"b.c-d_1", binary}, {"LONG", std::string(64 << 10, 'x')}});
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0600u);
  const std::string bytes = dir.read("actabeat.keystore");
  for (const char* plain : {"hunter2", "LONG", "xxxx"}) EXPECT_EQ(bytes.find(plain), std::string::npos);
  const auto store = Keystore::open(fs, path, "");
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ(store->names(), (std::vector<std::string>{"A", "LONG", "b.c-d_1"}));
  EXPECT_EQ(*store->find("A"), "hunter2");
  EXPECT_EQ(*store->find("b.c-d_1"), binary);
  EXPECT_EQ(store->find("B"), nullptr);
  ASSERT_TRUE(store->save(fs, path, ""));
  EXPECT_NE(dir.read("actabeat.keystore"), bytes) << "salt and nonce are new with each writing";
}

TEST(Keystore, RefusesWhatIsNoSecret) {
  Keystore store;
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a}"), std::string(129, 'a')})
    EXPECT_FALSE(store.set(name, "x")) << name;
  EXPECT_TRUE(store.set(std::string(128, 'a'), "x"));
  EXPECT_EQ(store.set("a", "").error().what, "the secret is empty");
  EXPECT_EQ(store.set("a", std::string((64 << 10) + 1, 'x')).error().what, "the secret is longer than 65536 bytes");
  EXPECT_FALSE(store.remove("a"));
}

TEST(Keystore, OpensOnlyWithItsPassword) {
  const TempDir dir;
  PosixFs fs;
  const std::string path = make_store(dir, {{"A", "hunter2"}}, "open sesame");
  EXPECT_TRUE(Keystore::open(fs, path, "open sesame"));
  for (const char* wrong : {"", "open", "open sesame "}) {
    const auto store = Keystore::open(fs, path, wrong);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::corrupt);
    EXPECT_NE(store.error().what.find("has another password"), std::string::npos) << store.error().what;
  }
}

TEST(Keystore, FindsEveryChangeOfTheFile) {
  const auto sealed = config::seal_keystore("the content", "");
  ASSERT_TRUE(sealed);
  ASSERT_TRUE(config::open_keystore(*sealed, ""));
  for (size_t at = 0; at < sealed->size(); ++at) {
    std::string changed = *sealed;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto opened = config::open_keystore(changed, "");
    ASSERT_FALSE(opened) << at;
    EXPECT_FALSE(opened.error().what.empty());
  }
  for (size_t size = 0; size < sealed->size(); ++size)
    EXPECT_FALSE(config::open_keystore(sealed->substr(0, size), "")) << size;
  EXPECT_FALSE(config::open_keystore(*sealed + "x", ""));
}

TEST(Keystore, SaysWhatIsWrongWithAFile) {
  const TempDir dir;
  PosixFs fs;
  const auto error = [&](const std::string& bytes) {
    const std::string path = dir.write("k", bytes);
    ::chmod(path.c_str(), 0600);
    return Keystore::open(fs, path, "").error().what;
  };
  const std::string way_out = "; restore it, or make it anew: actabeat keystore create --force";
  const std::string path = dir / "k";
  EXPECT_EQ(error("hello"), "keystore " + path + ": it is no keystore of actabeat" + way_out);
  EXPECT_EQ(error("ACTAKEY1"), "keystore " + path + ": it is cut short" + way_out);
  EXPECT_EQ(error("ACTAKEY2"), "keystore " + path + ": it was written by a newer actabeat" + way_out);
  EXPECT_EQ(error("ACTAKEY1\x1f" + std::string(64, '\1')),
            "keystore " + path + ": its costs of scrypt are not those of an actabeat" + way_out);
  EXPECT_EQ(Keystore::open(fs, dir.path(), "").error().what, dir.path() + " is a directory, not a keystore");
  EXPECT_EQ(Keystore::open(fs, dir / "none", "").error().sys, ENOENT);
  // What no seal of ours holds, under a good seal.
  EXPECT_EQ(error(*config::seal_keystore(std::string("\x05\0AB", 4), "")),
            "keystore " + path + ": its content is not that of a keystore");
}

TEST(Keystore, RefusesAFileThatOthersMayRead) {
  const TempDir dir;
  PosixFs fs;
  const std::string path = make_store(dir, {{"A", "x"}});
  for (const mode_t mode : {0640u, 0604u, 0620u}) {
    ::chmod(path.c_str(), mode);
    const auto store = Keystore::open(fs, path, "");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::denied);
    EXPECT_TRUE(store.error().what.ends_with("; chmod 0600 " + path)) << store.error().what;
  }
  if (::geteuid() != 0) return;
  ::chmod(path.c_str(), 0600);
  ASSERT_EQ(::chown(path.c_str(), 12345, 0), 0);
  const auto store = Keystore::open(fs, path, "");
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().what.find("belongs to user 12345"), std::string::npos) << store.error().what;
}

TEST(KeystorePassword, ComesFromAFile) {
  const TempDir dir;
  PosixFs fs;
  EXPECT_EQ(keystore_password(fs).value(), "");
  dir.write("actabeat.keystore", "from systemd");
  const Environment credentials("CREDENTIALS_DIRECTORY", dir.path());
  EXPECT_EQ(keystore_password(fs).value(), "from systemd");
  const Environment named("ACTABEAT_KEYSTORE_PASSWORD_FILE", dir.write("p", "named\nsecond line\n"));
  EXPECT_EQ(keystore_password(fs).value(), "named");
  const Environment empty("ACTABEAT_KEYSTORE_PASSWORD_FILE", dir.write("p", "\n"));
  EXPECT_EQ(keystore_password(fs).error().what, dir / "p" + ": the keystore's password is empty");
  const Environment missing("ACTABEAT_KEYSTORE_PASSWORD_FILE", dir / "none");
  EXPECT_TRUE(keystore_password(fs).error().what.starts_with("the keystore's password: "));
}

constexpr const char* kInputs = "actabeat.inputs: [{type: audit_log, paths: [/a]}]\n";

TEST(KeystoreInConfiguration, ComesBeforeTheEnvironment) {
  const TempDir dir;
  make_store(dir, {{"OUT", "/of/keystore"}});
  const Environment out("OUT", "/of/environment"), other("OTHER", "fast");
  const auto config = load(
      dir, std::string(kInputs) + "output.file: {path: '${OUT}', mode: '${OTHER}', permissions: '${NONE:0640}'}\n");
  ASSERT_TRUE(config) << config.error().what;
  const Settings& file = config->outputs[0].settings;
  EXPECT_EQ(file.text("path"), "/of/keystore");
  EXPECT_TRUE(file.hidden("path"));
  EXPECT_EQ(file.text("mode"), "fast");
  EXPECT_FALSE(file.hidden("mode"));
  EXPECT_EQ(file.text("permissions"), "0640");
}

TEST(KeystoreInConfiguration, LiesWhereTheConfigurationSays) {
  const TempDir dir;
  make_store(dir, {{"OUT", "/x"}});
  const Environment where("WHERE", dir.path());
  const std::string outputs = std::string(kInputs) + "output.file.path: ${OUT}\n";
  PosixFs fs;
  for (const std::string& place : std::vector<std::string>{"path.data: " + dir.path(), "path: {data: '${WHERE}'}",
                                                           "keystore.path: ${WHERE}/actabeat.keystore"}) {
    const std::string file = dir.write("b.yml", place + "\n" + outputs);
    ::chmod(file.c_str(), 0600);
    const auto config = load_config(fs, file, test_catalog(), {});
    ASSERT_TRUE(config) << place << config.error().what;
    EXPECT_EQ(config->outputs[0].settings.text("path"), "/x") << place;
    EXPECT_EQ(find_keystore(fs, file, {}).value(), dir / "actabeat.keystore") << place;
  }
}

TEST(KeystoreInConfiguration, ShowsNoSecretInAMessage) {
  const TempDir dir;
  make_store(dir, {{"S", "hunter2"}});
  const auto config =
      load(dir,
           "actabeat.inputs: [{type: '${S}'}, {type: audit_log, id: '${S}', paths: [/a]}]\n"
           "output.file: {path: /x, mode: '${S}', size: 'a${S}', rotate_every_kb: '${S}', pin: '${S}'}\n"
           "processors: [{drop_event.when.equals.user.name: '${S}'},\n"
           "  {drop_event.when.range.process.pid.gt: '${S}'}]\n"
           "logging.level: ${S}\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().what.find("hunter2"), std::string::npos) << config.error().what;
  for (const char* part :
       {"input type the value is not known", "id is in every document", "mode' cannot be the value", "size' must be",
        "rotate_every_kb' must be an integer, not the value", "pin' must be an integer, not the value",
        "logging.level' cannot be the value", "equals' cannot hold a secret", "range' cannot hold a secret"})
    EXPECT_NE(config.error().what.find(part), std::string::npos) << part << "\n" << config.error().what;
}

TEST(KeystoreInConfiguration, IsToldWhereItsNameStandsWhenItCannotBeUsed) {
  const TempDir dir;
  const std::string path = make_store(dir, {{"OUT", "/x"}});
  const std::string text = std::string(kInputs) + "output.file.path: ${OUT}\n";
  ::chmod(path.c_str(), 0644);
  const auto refused = load(dir, text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, dir / "a.yml" + ":3:19: variable 'OUT': keystore " + path +
                                      " may be read or written by others than its owner (mode 0644); chmod 0600 " +
                                      path);
  // Nobody who uses no variable has to care for it.
  EXPECT_TRUE(load(dir, std::string(kInputs) + "output.file.path: /x\n"));
}

}  // namespace
}  // namespace acta
