#include "app/effective_config.h"

#include <gtest/gtest.h>

#include "support/test_catalog.h"

namespace acta {
namespace {

constexpr const char* kFull =
    "name: 'a \"b\" ${X:c}'\nlogging: {level: warning, json: true}\nactabeat.assembly.age: 1500ms\n"
    "actabeat.inputs:\n  - {type: audit_log, id: one, paths: [/a, 'b c'], keep_original: true}\n"
    "  - {type: pacct, enabled: false, paths: []}\n"
    "processors:\n  - add_fields: {fields: {a: '1', b.c: 'true'}}\n"
    "  - drop_event.when: {or: [{equals: {a.b: '5', c: x}}, {not: {range: {p.q: {gte: 5, lt: 9}}}},\n"
    "      {and: [{has_fields: [a, b.c]}, {network: {ip: [private, 10.0.0.0/8]}}, {network: {ip: '::1'}}]},\n"
    "      {contains: {a: 'x\ty'}}, {regexp: {b: '^\\d+$'}}]}\n"
    "output.file: {path: /out, size: 3MB, password: hunter2, ratio: 0.25, backoff.init: 90s, backoff.max: 2h}\n"
    "output.console.enabled: false\n";

TEST(EffectiveConfig, LoadsAgainAsTheSame) {
  const auto config = test::parse(kFull);
  ASSERT_TRUE(config) << config.error().what;
  const std::string first = effective_config(*config, test::test_catalog());
  const auto again = test::parse(first);
  ASSERT_TRUE(again) << again.error().what << first;
  EXPECT_EQ(effective_config(*again, test::test_catalog()), first);
  EXPECT_EQ(again->name, "a \"b\" c");
  EXPECT_EQ(again->assembly.age, 1500 * kMillisecond);
  EXPECT_EQ(again->inputs[0].id, "one");
  EXPECT_EQ(again->inputs[0].settings.list("paths"), (std::vector<std::string>{"/a", "b c"}));
  EXPECT_FALSE(again->inputs[1].enabled);
  EXPECT_FALSE(again->outputs[1].enabled);
  EXPECT_EQ(again->outputs[0].settings.duration("backoff.max"), 7200 * kSecond);
  EXPECT_EQ(again->processors[0].settings.map("fields"), config->processors[0].settings.map("fields"));
}

// A key that needs quotes, and one that is too long for an implicit key when its control bytes are escaped.
TEST(EffectiveConfig, UnusualKeysOfConditionsLoadAgain) {
  for (const std::string& key : {std::string("p 'q"), std::string(400, '\x0e'), std::string(1200, 'k')}) {
    const auto config = test::parse("actabeat.inputs: [{type: audit_log, paths: [/a]}]\noutput.file.path: /out\n"
                                    "processors:\n  - drop_event.when: {and: [{range: {? \"" +
                                    key + "\" : {gte: 5, lt: 9}}}, {equals: {? \"" + key + "\" : x}}]}\n");
    ASSERT_TRUE(config) << config.error().what;
    const std::string first = effective_config(*config, test::test_catalog());
    const auto again = test::parse(first);
    ASSERT_TRUE(again) << again.error().what << first;
    EXPECT_EQ(effective_config(*again, test::test_catalog()), first);
  }
}

TEST(EffectiveConfig, HidesSecretsAndShowsDefaults) {
  const auto config = test::parse(kFull);
  ASSERT_TRUE(config) << config.error().what;
  const std::string shown = effective_config(*config, test::test_catalog());
  EXPECT_EQ(shown.find("hunter2"), std::string::npos);
  EXPECT_NE(shown.find("  password: \"********\"\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\nqueue.mem.events: 65536\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("  size: 3MB\n"), std::string::npos) << shown;
  EXPECT_NE(shown.find("{not: {range: {p.q.gte: \"5\", p.q.lt: \"9\"}}}"), std::string::npos) << shown;
}

}  // namespace
}  // namespace acta
