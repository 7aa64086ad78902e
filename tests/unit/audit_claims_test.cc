#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "processors/audit/claims.h"
#include "processors/audit/field_key.h"

namespace acta::audit {
namespace {

TEST(AuditFieldKey, EveryKeyIsFoundAndNothingElse) {
  std::set<std::string_view> texts;
  for (size_t i = 1; i < kKeyCount; ++i) {
    const Key key = static_cast<Key>(i);
    EXPECT_TRUE(texts.insert(key_text(key)).second) << key_text(key);
    EXPECT_EQ(find_key(key_text(key)), key) << key_text(key);
    EXPECT_EQ(is_document_key(key), is_document_key(key_text(key))) << key_text(key);
    const std::string longer = std::string(key_text(key)) + "x";
    EXPECT_FALSE(find_key(longer) == key);
  }
  for (const char* other : {"", "x", "uidd", "UID", "a", "a00", "a very long key that no record of the kernel has",
                            "old_auid", "old auid"}) {
    EXPECT_EQ(find_key(other), Key::other) << other;
  }
}

TEST(AuditFieldKey, DocumentKeys) {
  EXPECT_TRUE(is_document_key("a1[0]"));
  EXPECT_TRUE(is_document_key("AbC_9"));
  EXPECT_FALSE(is_document_key("old-auid"));
  EXPECT_FALSE(is_document_key("a.b"));
  EXPECT_FALSE(is_document_key(""));
  EXPECT_EQ(document_key_byte('-'), '_');
  EXPECT_EQ(document_key_byte('\xff'), '_');
}

TEST(AuditClaims, CountsWithinASpace) {
  Claims claims;
  claims.clear();
  EXPECT_EQ(claims.claim(Key::kUid, "uid"), 0u);
  EXPECT_EQ(claims.claim(Key::kUid, "uid"), 1u);
  EXPECT_EQ(claims.claim(Key::kUid, "uid"), 2u);
  EXPECT_EQ(claims.claim(Key::other, "zzz"), 0u);
  EXPECT_EQ(claims.claim(Key::other, "zzz"), 1u);
  EXPECT_EQ(claims.claim(Key::kAuid, "auid"), 0u);
  claims.next_space();
  EXPECT_EQ(claims.claim(Key::kUid, "uid"), 0u);
  EXPECT_EQ(claims.claim(Key::other, "zzz"), 0u);
  claims.clear();
  EXPECT_EQ(claims.claim(Key::other, "zzz"), 0u);
}

TEST(AuditClaims, ManyNamesAreAllKeptApart) {
  Claims claims;
  std::vector<std::string> names;
  for (int i = 0; i < 20000; ++i) names.push_back("key" + std::to_string(i));
  for (int round = 0; round < 3; ++round) {
    claims.clear();
    for (const std::string& name : names) EXPECT_EQ(claims.claim(Key::other, name), 0u);
    for (const std::string& name : names) EXPECT_EQ(claims.claim(Key::other, name), 1u);
  }
}

}  // namespace
}  // namespace acta::audit
