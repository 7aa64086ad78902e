#include "event/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace acta {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

class JsonFieldsTest : public ::testing::Test {
 protected:
  std::optional<std::string> find(std::string_view json, size_t field = 0) {
    const auto read = fields_.read(json);
    EXPECT_TRUE(read) << json << ": " << read.error().what;
    return fields_[field] ? std::optional<std::string>(*fields_[field]) : std::nullopt;
  }
  std::string refusal(std::string_view json) {
    const auto read = fields_.read(json);
    EXPECT_FALSE(read) << json;
    return read ? std::string() : read.error().what;
  }
  JsonFields fields_{{"host.id", "@timestamp", "user.id"}};
};

TEST_F(JsonFieldsTest, NestedDottedAndBoth) {
  EXPECT_THAT(find(R"({"host":{"name":"x","id":"a"}})"), Optional(std::string("a")));
  EXPECT_THAT(find(R"({"host.id":"a"})"), Optional(std::string("a")));
  EXPECT_THAT(find(R"({"x":[{"y":{"host":{"id":"no"}}}],"host":{"ip":["1","2"],"id":"a"}})"),
              Optional(std::string("a")));
  EXPECT_THAT(find(R"({"user":{"id":17}})", 2), Optional(std::string("17")));
  EXPECT_THAT(find(R"({"user":{"id":-1.50e3}})", 2), Optional(std::string("-1.50e3"))) << "as it is written";
  EXPECT_THAT(find(R"({"user":{"id":true}})", 2), Optional(std::string("true")));
}

TEST_F(JsonFieldsTest, OthersOfASimilarName) {
  for (const char* json :
       {R"({"host":{"identity":"x"}})", R"({"hos":{"t.id":"x"}})", R"({"host":{"id":{"x":"y"}}})",
        R"({"host":{"id":null}})", R"({"host":"id"})", R"({"a.host.id":"x"})", R"({"host":{"id.":"x"}})", R"({})",
        R"({"host":{"i":{"d":1}}})",
        R"({"a key that is longer than all of the names":{"host":{"id":"x"}},"":{"host":{"id":"x"}}})"})
    EXPECT_EQ(find(json), std::nullopt) << json;
}

TEST_F(JsonFieldsTest, TheFirstOfSeveral) {
  EXPECT_THAT(find(R"({"host":{"id":["a","b"]}})"), Optional(std::string("a")));
  EXPECT_THAT(find(R"({"host":[{"id":"a"},{"id":"b"}]})"), Optional(std::string("a")));
  EXPECT_THAT(find(R"({"host":{"id":"a"},"host.id":"b"})"), Optional(std::string("a")));
}

TEST_F(JsonFieldsTest, ForgetsTheDocumentBefore) {
  find(R"({"host":{"id":"a"}})");
  EXPECT_EQ(find("{}"), std::nullopt);
  find(R"({"host":{"id":"a"}})");
  refusal("{");
  EXPECT_EQ(fields_[0], std::nullopt);
}

TEST_F(JsonFieldsTest, WhatIsNotOneObject) {
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("nonsense"), HasSubstr("At byte"));
  EXPECT_THAT(refusal("[1]"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("[{}]"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("17"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("\"x\""), HasSubstr("not an object"));
  refusal("{}{}");
  refusal("{} x");
  refusal(R"({"a":1)");
  refusal("{\"a\":\"\n\"}");
  refusal("{\"a\":\"\xff\"}");
  refusal(std::string_view("{}\0\n{\"delete\":{}}", 17));
}

TEST_F(JsonFieldsTest, NestingCostsNoStack) {
  constexpr size_t kDepth = 200'000;
  std::string deep;
  for (size_t i = 0; i < kDepth; ++i) deep += "{\"a\":";
  deep += "1" + std::string(kDepth, '}');
  EXPECT_EQ(find(deep), std::nullopt);
  EXPECT_FALSE(fields_.read(std::string(kDepth, '[')));
}

}  // namespace
}  // namespace acta
