#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "inputs/kafka/message_reader.h"

// What becomes of a message of Kafka, whoever has written it.
namespace acta {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class KafkaMessage : public ::testing::Test {
 protected:
  FinishedDocument read(std::string_view value, KafkaRecord record = {}) {
    if (record.topic.empty()) record.topic = "t";
    if (record.timestamp == 0) record.timestamp = 1'700'000'000'123 * kMillisecond;
    record.value = value;
    return reader_.read(record, "cluster");
  }
  std::string id_of(const KafkaRecord& record, std::string_view value = "{}", std::string_view cluster = "cluster") {
    KafkaRecord full = record;
    full.value = value;
    return std::string(reader_.read(full, cluster).meta.id);
  }
  MessageReader reader_{{.allowed_datasets = {"actabeat.*", "auditd.log"}, .other_dataset = "actabeat.other"}};
};

TEST_F(KafkaMessage, OfOursIsPassedOnAsItIs) {
  const std::string json =
      R"({"@timestamp":"2026-11-26T04:25:00.250Z","event":{"id":"h:1:2","dataset":"actabeat.audit"},)"
      R"("host":{"id":"h"}})";
  const FinishedDocument document = read(json, {.key = "k", .id = "h:1:2", .dataset = "actabeat.audit"});
  EXPECT_EQ(document.refusal, "");
  EXPECT_EQ(document.json, json);
  EXPECT_EQ(document.meta.id, "h:1:2");
  EXPECT_EQ(document.meta.dataset, "actabeat.audit");
  EXPECT_EQ(document.meta.key, "h");
  EXPECT_EQ(document.meta.timestamp, 1795667100'250 * kMillisecond);
}

TEST_F(KafkaMessage, WithoutHeadersTheFieldsCount) {
  const FinishedDocument document = read(R"({"@timestamp":"2026-11-26T04:25:00Z","agent":{"type":"actabeat"},)"
                                         R"("event":{"id":"x","dataset":"actabeat.pacct"}})",
                                         {.key = "k"});
  EXPECT_EQ(document.meta.id, "x");
  EXPECT_EQ(document.meta.dataset, "actabeat.pacct");
  EXPECT_EQ(document.meta.key, "k");
}

// A document of Auditbeat, shortened, as its Kafka output writes it.
TEST_F(KafkaMessage, OfAuditbeat) {
  const std::string json =
      R"({"@timestamp":"2024-03-05T10:11:12.345Z","@metadata":{"beat":"auditbeat","type":"_doc","version":"8.12.0"},)"
      R"("agent":{"type":"auditbeat","id":"1"},"event":{"module":"auditd","action":"executed","id":"not ours"},)"
      R"("host":{"id":"h"},"service":{"type":"auditd"}})";
  const FinishedDocument document = read(json);
  EXPECT_EQ(document.refusal, "");
  EXPECT_EQ(document.json, json);
  EXPECT_EQ(document.meta.dataset, "actabeat.other");
  EXPECT_EQ(document.meta.key, "h");
  EXPECT_THAT(std::string(document.meta.id), StartsWith("kafka-")) << "ids of others are theirs";
  EXPECT_EQ(document.meta.timestamp, 1709633472'345 * kMillisecond);
  const FinishedDocument with_dataset =
      read(R"({"@timestamp":"2024-03-05T10:11:12Z","event":{"dataset":"auditd.log"}})");
  EXPECT_EQ(with_dataset.meta.dataset, "auditd.log") << "allowed";
  EXPECT_EQ(read(R"({"@timestamp":"2024-03-05T10:11:12Z","event":{"dataset":"process"}})").meta.dataset,
            "actabeat.other");
}

// A line of laurel's log, shortened.
TEST_F(KafkaMessage, OfLaurel) {
  const FinishedDocument document =
      read(R"({"ID":"1615114232.375:15558","NODE":"web1","SYSCALL":{"arch":"0xc000003e"}})");
  EXPECT_EQ(document.refusal, "");
  EXPECT_EQ(document.json, R"({"@timestamp":"2021-03-07T10:50:32.375Z","ID":"1615114232.375:15558","NODE":"web1",)"
                           R"("SYSCALL":{"arch":"0xc000003e"}})");
  EXPECT_EQ(document.meta.timestamp, 1615114232'375 * kMillisecond);
  EXPECT_EQ(document.meta.dataset, "actabeat.other");
}

TEST_F(KafkaMessage, WithoutATimeTheRecordsCounts) {
  EXPECT_EQ(read("{}").json, R"({"@timestamp":"2023-11-14T22:13:20.123Z"})");
  EXPECT_EQ(read(" { } ").json, R"({"@timestamp":"2023-11-14T22:13:20.123Z" } )");
  EXPECT_EQ(read(R"({"ID":"7"})").json, R"({"@timestamp":"2023-11-14T22:13:20.123Z","ID":"7"})");
  for (const char* odd : {"", "now", "2026-11-26", "2026-11-26T04:25:00.1", "2026-11-26T04:25:00+1",
                          "9999-01-01T00:00:00Z", "2026-11-26T04:25:00Zx", "-026-11-26T04:25:00Z"}) {
    const std::string json = R"({"@timestamp":")" + std::string(odd) + "\"}";
    const FinishedDocument document = read(json);
    EXPECT_EQ(document.json, json) << "the destination says what it thinks of it";
    EXPECT_EQ(document.meta.timestamp, 1'700'000'000'123 * kMillisecond) << odd;
  }
  EXPECT_EQ(read(R"({"@timestamp":"2026-11-26T06:25:00.25+02:00"})").meta.timestamp, 1795667100'250 * kMillisecond);
}

TEST_F(KafkaMessage, AnIdIsOfThePlaceAndTheValue) {
  const KafkaRecord at{.topic = "t", .partition = 1, .offset = 2, .timestamp = kSecond};
  const auto with = [&at](auto change) {
    KafkaRecord record = at;
    change(record);
    return record;
  };
  const std::string id = id_of(at);
  EXPECT_EQ(id, id_of(at)) << "read again it is the same";
  std::set<std::string> ids{id};
  ids.insert(id_of(with([](KafkaRecord& r) { r.topic = "u"; })));
  ids.insert(id_of(with([](KafkaRecord& r) { r.partition = 2; })));
  ids.insert(id_of(with([](KafkaRecord& r) { r.offset = 3; })));
  ids.insert(id_of(with([](KafkaRecord& r) { r.timestamp = 2 * kSecond; })));
  ids.insert(id_of(at, R"({"a":1})"));
  ids.insert(id_of(at, "{}", "other cluster"));
  EXPECT_EQ(ids.size(), 7u);
}

TEST_F(KafkaMessage, AStreamThatIsNotAllowedIsRefused) {
  EXPECT_THAT(read("{}", {.dataset = "system.auth"}).refusal, HasSubstr("'system.auth'"));
  EXPECT_THAT(read(R"({"data_stream":{"dataset":"system.auth"}})").refusal, HasSubstr("'system.auth'"));
  EXPECT_EQ(read(R"({"data_stream":{"dataset":"system.auth"}})", {.dataset = "actabeat.audit"}).refusal, "")
      << "the header goes before the field";
  EXPECT_NE(read("{}", {.dataset = "actabeat"}).refusal, "");
  EXPECT_NE(read("{}", {.dataset = std::string_view("x\0actabeat.a", 12)}).refusal, "");
}

TEST_F(KafkaMessage, PoisonIsRefusedWithItsBytes) {
  for (const std::string_view value :
       {std::string_view("nonsense"), std::string_view("[]"), std::string_view("{\"a\":\"\xff\"}"),
        std::string_view("{}\0{}", 5), std::string_view("{}\n{}")}) {
    const FinishedDocument document = read(value);
    EXPECT_THAT(std::string(document.refusal), StartsWith("is ")) << value;
    EXPECT_EQ(document.json, value);
    EXPECT_THAT(std::string(document.meta.id), StartsWith("kafka-"));
  }
  EXPECT_EQ(read("").refusal, "has no value");
}

TEST_F(KafkaMessage, OneLineWhateverStandsBetweenItsValues) {
  const FinishedDocument document = read("{\n  \"@timestamp\":\r\n\"2026-11-26T04:25:00Z\",\"a\":\"x\\ny\"}\n");
  EXPECT_EQ(document.json, "{   \"@timestamp\":  \"2026-11-26T04:25:00Z\",\"a\":\"x\\ny\"} ");
}

TEST_F(KafkaMessage, TravelsAsAnItem) {
  RawBatch batch;
  const FinishedDocument made =
      read(R"({"@timestamp":"2026-11-26T04:25:00Z"})", {.key = "k", .id = "i", .dataset = "actabeat.a"});
  add_document(batch, {.kind = RawKind::document, .begin = {1, 0}, .end = {1, 1}}, made);
  add_document(batch, {.kind = RawKind::document, .begin = {1, 1}, .end = {1, 2}}, read("x"));
  ASSERT_EQ(batch.size(), 2u);
  const RawItem item = batch[0];
  const FinishedDocument document = document_of(item);
  EXPECT_EQ(document.meta.id, "i");
  EXPECT_EQ(document.meta.dataset, "actabeat.a");
  EXPECT_EQ(document.meta.key, "k");
  EXPECT_EQ(document.json, R"({"@timestamp":"2026-11-26T04:25:00Z"})");
  EXPECT_EQ(document.refusal, "");
  const RawItem refused = batch[1];
  EXPECT_THAT(std::string(document_of(refused).refusal), StartsWith("is not JSON"));
}

}  // namespace
}  // namespace acta
