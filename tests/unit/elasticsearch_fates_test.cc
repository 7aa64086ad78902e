// Which errors of a document are final. The texts are those of Elasticsearch 9 and OpenSearch 3.
#include <gtest/gtest.h>

#include "outputs/elasticsearch/doubt.h"
#include "outputs/elasticsearch/fate_rules.h"

namespace acta {
namespace {

TEST(FateRules, Table) {
  struct Row {
    int status;
    const char* type;
    const char* reason;
    Fate fate;
  };
  using enum Fate;
  for (const Row& row : std::initializer_list<Row>{
           {201, "", "", accepted},
           {200, "", "", accepted},
           {409, "version_conflict_engine_exception", "[1]: version conflict, document already exists", accepted},
           {409, "", "", accepted},
           {409, "something_else", "", retry},
           {201, "odd", "an error beside a success", retry},
           {0, "", "", retry},
           // the document's own
           {400, "document_parsing_exception", "[1:31] failed to parse field [@timestamp] of type [date]", rejected},
           {400, "mapper_parsing_exception", "failed to parse field [@timestamp] of type [date]", rejected},
           {400, "strict_dynamic_mapping_exception", "mapping set to strict, dynamic introduction of [x]", rejected},
           {400, "illegal_argument_exception", "mapper [a] cannot be changed from type [long] to [keyword]", rejected},
           {400, "illegal_argument_exception", "can't merge a non object mapping [a] with an object mapping", rejected},
           {400, "illegal_argument_exception",
            "Document contains at least one immense term in field=\"x\" (whose UTF8 encoding is longer than 32766)",
            rejected},
           {400, "illegal_argument_exception", "id [aaaa] is too long, must be no longer than 512 bytes", rejected},
           // the server's
           {400, "illegal_argument_exception", "no write index is defined for alias [logs]", retry},
           {400, "illegal_argument_exception", "pipeline with id [geo] does not exist", retry},
           {400, "illegal_argument_exception", "only write ops with an op_type of create are allowed", retry},
           {400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", retry},
           {400, "validation_exception", "this action would add [2] shards, but this cluster currently has", retry},
           {400, "index_closed_exception", "closed", retry},
           {400, "invalid_index_name_exception", "Invalid index name [x]", retry},
           {400, "", "", retry},
           {401, "security_exception", "", retry},
           {403, "security_exception", "action [indices:data/write/bulk] is unauthorized", retry},
           {403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];", retry},
           {403, "document_parsing_exception", "odd, but so it says", rejected},
           {404, "index_not_found_exception", "no such index [x]", retry},
           {429, "es_rejected_execution_exception", "", retry},
           {429, "document_parsing_exception", "429 is always: later", retry},
           {429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", retry},
           {500, "mapper_parsing_exception", "5xx is never the document", retry},
           {503, "unavailable_shards_exception", "primary shard is not active", retry},
           {400, "never_heard_of", "field [x]", retry},
       }) {
    EXPECT_EQ(fate_of({.status = row.status, .type = row.type, .reason = row.reason}), row.fate)
        << row.status << " " << row.type << ": " << row.reason;
  }
}

TEST(FateRules, ReasonsSayWhatToDo) {
  const std::string block = reason_of({.status = 429, .type = "cluster_block_exception", .reason = "blocked"});
  EXPECT_NE(block.find("disk space"), std::string::npos) << block;
  EXPECT_NE(reason_of({.status = 403, .type = "security_exception"}).find("create_doc"), std::string::npos);
  EXPECT_NE(reason_of({.status = 404, .type = "index_not_found_exception"}).find("actabeat setup"), std::string::npos);
  EXPECT_LT(reason_of({.status = 400, .type = "x", .reason = std::string(100'000, 'y')}).size(), 1100u);
}

TEST(FateRules, WhatIsSurelyNotThere) {
  for (const int status : {400, 401, 403, 404, 413, 429}) EXPECT_TRUE(surely_refused(status)) << status;
  for (const int status : {200, 301, 408, 500, 502, 503, 504}) EXPECT_FALSE(surely_refused(status)) << status;
}

TEST(Doubt, AfterAStartUntilEnoughWasLookedForInVain) {
  Doubt doubt(Doubt::Mode::in_doubt, 100);
  constexpr Nanos kBegin = 1000 * kSecond;
  constexpr Nanos kLater = kBegin + Doubt::kStartAtLeast;
  EXPECT_TRUE(doubt.holds("a", kBegin));
  doubt.looked(100, false);
  EXPECT_TRUE(doubt.holds("a", kBegin + kSecond)) << "not so soon";
  doubt.looked(1, true);
  EXPECT_TRUE(doubt.holds("a", kLater)) << "one was found";
  doubt.looked(99, false);
  EXPECT_TRUE(doubt.holds("a", kLater));
  doubt.looked(1, false);
  EXPECT_FALSE(doubt.holds("a", kLater));
  doubt.outcome_unknown("b");
  EXPECT_TRUE(doubt.holds("b", kLater));
  EXPECT_FALSE(doubt.holds("a", kLater));
  doubt.settled("b");
  EXPECT_FALSE(doubt.holds("b", kLater));
}

TEST(Doubt, ByChoice) {
  Doubt always(Doubt::Mode::always, 1);
  always.looked(1000, false);
  EXPECT_TRUE(always.holds("a", 1 << 30));
  Doubt off(Doubt::Mode::off, 1);
  off.outcome_unknown("a");
  EXPECT_FALSE(off.holds("a", 0));
}

TEST(Doubt, MoreThanCanBeRememberedIsAsAfterAStart) {
  Doubt doubt(Doubt::Mode::in_doubt, 1);
  ASSERT_TRUE(doubt.holds("a", 1));
  doubt.looked(1, false);
  ASSERT_FALSE(doubt.holds("a", 100 * kSecond));
  for (size_t i = 0; i <= Doubt::kIdsMax; ++i) doubt.outcome_unknown(std::to_string(i));
  EXPECT_TRUE(doubt.holds("a", 100 * kSecond));
}

}  // namespace
}  // namespace acta
