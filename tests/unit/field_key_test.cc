#include "processors/audit/field_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace acta::audit {
namespace {

Key key_at(size_t i) {
  return static_cast<Key>(i);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

TEST(FieldKey, EveryKeyIsFoundByItsText) {
  for (size_t i = 1; i < kKeyCount; ++i) {
    const std::string text(key_text(key_at(i)));
    EXPECT_EQ(find_key(text), key_at(i)) << text;
    EXPECT_EQ(find_upper_key(upper(text)), key_at(i)) << text;
    EXPECT_EQ(find_key(text + "z"), Key::other) << text;
  }
  EXPECT_EQ(find_key(""), Key::other);
  EXPECT_EQ(find_upper_key(""), Key::other);
  EXPECT_EQ(find_upper_key("AUid"), Key::other);
  EXPECT_EQ(find_upper_key(std::string(100, 'A')), Key::other);
}

TEST(FieldKey, StandsWhereItsTextAndAnEqualsSignStand) {
  for (size_t i = 1; i < kKeyCount; ++i) {
    const std::string key(key_text(key_at(i)));
    for (const bool is_upper : {false, true}) {
      const std::string text = is_upper ? upper(key) : key;
      const auto at = [&](const std::string& line) {
        return is_key_at(kKeyForms[i], line.data(), line.data() + line.size(), is_upper);
      };
      const std::string rest(16, ' ');
      EXPECT_TRUE(at(text + "=" + rest)) << text;
      EXPECT_FALSE(at(text + " " + rest)) << text;
      EXPECT_FALSE(at("x" + text + "=" + rest)) << text;
      EXPECT_FALSE(at(text + "s=" + rest)) << text;
      EXPECT_FALSE(at(text.substr(1) + "=" + rest)) << text;
      EXPECT_FALSE(at((is_upper ? key : upper(key)) + "=" + rest) && key != upper(key)) << text;
    }
  }
  const std::string line = "uid=0";
  for (size_t size = 0; size <= line.size(); ++size) {
    const auto copy = std::make_unique<char[]>(size);  // a look past its end is found by the sanitizers
    std::copy_n(line.data(), size, copy.get());
    EXPECT_EQ(is_key_at(kKeyForms[index(Key::kUid)], copy.get(), copy.get() + size, false), size >= 4) << size;
  }
}

TEST(FieldKey, IsPreparedAsJson) {
  EXPECT_EQ(key_json(Key::other), nullptr);
  for (size_t i = 1; i < kKeyCount; ++i) {
    const std::string expected = ",\"" + std::string(key_text(key_at(i))) + "\":";
    EXPECT_EQ(std::string(key_json(key_at(i)), expected.size()), expected);
  }
}

}  // namespace
}  // namespace acta::audit
