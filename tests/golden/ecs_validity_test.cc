#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/ecs.h"
#include "support/shared.h"

namespace acta::test {
namespace {

TEST(EcsValidity, EveryDocumentOfEveryCorpusFollowsEcs) {
  SKIP_WITHOUT_SHARED(shared);
  const Ecs ecs(*shared + "/facts/ecs_flat.yml");
  size_t documents = 0;
  std::map<std::string, std::string> violations;  // each kind once, with the document it was first seen in
  for (const std::string& corpus : audit_corpora(*shared)) {
    AuditRunOptions options;
    options.passwd = *shared + "/golden/live/audit/passwd";
    options.group = *shared + "/golden/live/audit/group";
    options.keep_original = true;
    // Of the large log the first part has all kinds of events.
    const std::string text = read_log(corpus).substr(0, 8u << 20);
    for (const auto& document : decode_audit(text, options).parsed()) {
      ++documents;
      for (const std::string& what : ecs.violations(document))
        violations.emplace(what, corpus + " " + text_at(document, "event.id"));
    }
  }
  for (const auto& [what, where] : violations) ADD_FAILURE() << what << " (" << where << ")";
  EXPECT_GT(documents, 4000u);
}

TEST(EcsValidity, FindsWhatIsWrong) {
  SKIP_WITHOUT_SHARED(shared);
  const Ecs ecs(*shared + "/facts/ecs_flat.yml");
  rapidjson::Document document;
  document.Parse(R"({"event":{"kind":"alarm","category":["iam"],"type":["start"],"outcome":["success"]},)"
                 R"("source":{"ip":"?","port":"22"},)"
                 R"("process":{"ppid":1,"pid":"1"},"user":{"id":""},"tags":"a","related":{"user":["a","a"]}})");
  ASSERT_FALSE(document.HasParseError());
  const auto found = ecs.violations(document);
  for (const char* expected :
       {"event.kind: alarm is not allowed", "event.category iam has none of its types in event.type",
        "event.outcome must not be a list", "source.ip is not of type ip", "source.port is not of type long",
        "process.ppid is no field of ECS", "process.pid is not of type long", "user.id is empty", "tags must be a list",
        "related.user: a is there twice", "@timestamp is missing"}) {
    EXPECT_TRUE(std::find(found.begin(), found.end(), expected) != found.end()) << expected;
  }
}

}  // namespace
}  // namespace acta::test
