#include <gtest/gtest.h>

#include "app/components.h"
#include "event/encoder.h"

namespace acta {
namespace {

using Given = std::map<std::string, std::string>;

Result<std::unique_ptr<Processor>> make(const std::string& name, const Given& given) {
  const Component<Processor>* component = Registry<Processor>::find(name);
  if (component == nullptr) return fail(Errc::config, "no " + name);
  const auto settings = make_settings(component->options, given);
  if (!settings) return tl::unexpected(settings.error());
  return component->make(*settings);
}

std::string refused(const std::string& name, const Given& given) {
  const auto made = make(name, given);
  return made ? "no error" : made.error().what;
}

/// The event as JSON after the processor.
std::string after(const std::string& name, const Given& given, Event& event) {
  const auto made = make(name, given);
  if (!made) return made.error().what;
  EXPECT_EQ((*made)->process(event), Verdict::keep);
  std::string json;
  Encoder::encode(event, json);
  return json;
}

TEST(AddFields, SetsLabelsByDefault) {
  Event event;
  event.put(FieldId::kLabels, "env", "test");
  event.put(FieldId::kLabels, "site", "a");
  EXPECT_EQ(after("add_fields", {{"fields", "{env: prod, team: x}"}}, event),
            R"({"labels":{"site":"a","env":"prod","team":"x"}})");
}

TEST(AddFields, SetsKnownFieldsByTheirType) {
  Event event;
  event.set(FieldId::kServiceName, "old");
  event.add(FieldId::kTags, "one");
  EXPECT_EQ(
      after(
          "add_fields",
          {{"target", "\"\""},
           {"fields", "{service.name: web, process.pid: 5, process.interactive: true, tags: two, source.ip: \"::1\"}"}},
          event),
      R"({"process":{"interactive":true,"pid":5},"service":{"name":"web"},"source":{"ip":"::1"},"tags":["one",)"
      R"("two"]})");
  Event other;
  EXPECT_EQ(after("add_fields", {{"target", "service"}, {"fields", "{name: web}"}}, other),
            R"({"service":{"name":"web"}})");
}

TEST(AddFields, ChangesTheConstantPartOfOneEvent) {
  Event constant;
  constant.set(FieldId::kHostName, "a");
  const ConstantPart part(std::move(constant));
  Event event;
  event.set_constant(&part);
  EXPECT_EQ(after("add_fields", {{"target", "host"}, {"fields", "{name: b}"}}, event), R"({"host":{"name":"b"}})");
  EXPECT_EQ(part.json(), R"("host":{"name":"a"})");
}

TEST(AddFields, RefusesWhatEcsHasNot) {
  EXPECT_EQ(refused("add_fields", {{"target", "fields"}, {"fields", "{env: x}"}}),
            "field 'fields.env' is not known; fields of your own go below labels (target: labels)");
  EXPECT_EQ(refused("add_fields", {{"target", "\"\""}, {"fields", "{process.nmae: x}"}}),
            "field 'process.nmae' is not known; did you mean 'process.name'?; fields of your own go below labels "
            "(target: labels)");
  EXPECT_EQ(refused("add_fields", {{"target", "process"}, {"fields", "{pid: x}"}}),
            "field 'process.pid' is an integer; 'x' is none");
  EXPECT_EQ(refused("add_fields", {{"target", "source"}, {"fields", "{ip: here}"}}),
            "field 'source.ip' is an IP address; 'here' is none");
  EXPECT_EQ(refused("add_fields", {{"target", "event"}, {"fields", "{id: x}"}}),
            "field 'event.id' is the agent's own to set");
  EXPECT_EQ(refused("add_fields", {{"target", "auditd.data"}, {"fields", "{a0: x}"}}),
            "'auditd.data' holds what records say; use labels");
  EXPECT_EQ(refused("add_fields", {{"fields", "{a.b: x}"}}), "labels has no groups: 'labels.a.b'");
}

TEST(DropFields, DropsFieldsKeysAndGroups) {
  Event event;
  event.set(FieldId::kProcessName, "a");
  event.set(FieldId::kProcessParentPid, int64_t{1});
  event.set(FieldId::kProcessParentName, "b");
  event.put(FieldId::kAuditdData, "a0", "x");
  event.put(FieldId::kAuditdData, "a1", "y");
  event.put_in(FieldId::kAuditdPaths, 0, "name", "/n");
  event.put_in(FieldId::kAuditdPaths, 0, "inode", "1");
  event.put_in(FieldId::kAuditdPaths, 1, "name", "/m");
  event.put_in(FieldId::kAuditdPaths, 1, "inode", "2");
  EXPECT_EQ(after("drop_fields", {{"fields", "[process.parent, auditd.data.a0, auditd.paths.name, message]"}}, event),
            R"({"auditd":{"data":{"a1":"y"},"paths":[{"inode":"1"},{"inode":"2"}]},"process":{"name":"a"}})");
}

TEST(DropFields, KeepsWhatDocumentsNeed) {
  EXPECT_EQ(refused("drop_fields", {{"fields", "[event.id]"}}),
            "field 'event.id' cannot be dropped: documents need it");
  EXPECT_EQ(refused("drop_fields", {{"fields", "[\"@timestamp\"]"}}),
            "field '@timestamp' cannot be dropped: documents need it");
  EXPECT_EQ(refused("drop_fields", {{"fields", "[procces]"}}), "field 'procces' is not known");
  Event event;
  event.set(FieldId::kEventId, "id");
  event.set(FieldId::kEventAction, "x");
  EXPECT_EQ(after("drop_fields", {{"fields", "[event]"}}, event), R"({"event":{"id":"id"}})");
}

TEST(DropEvent, Drops) {
  Event event;
  const auto made = make("drop_event", {});
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->process(event), Verdict::drop);
}

TEST(Redact, ReplacesInTextsAndLists) {
  Event event;
  event.set(FieldId::kProcessCommandLine, "mysql --password=s3cret -u root --password x");
  event.add(FieldId::kProcessArgs, "mysql");
  event.add(FieldId::kProcessArgs, "--password=s3cret");
  event.add(FieldId::kProcessArgs, "-u");
  event.add(FieldId::kProcessArgs, "--password");
  event.add(FieldId::kProcessArgs, "x");
  event.set(FieldId::kProcessName, "s3cret");  // not among the fields
  EXPECT_EQ(after("redact", {{"patterns", R"(['--password[ =](\S+)'])"}}, event),
            R"({"process":{"args":["mysql","--password=[redacted]","-u","--password","[redacted]"],)"
            R"("command_line":"mysql --password=[redacted] -u root --password [redacted]","name":"s3cret"}})");
}

TEST(Redact, LooksIntoHexadecimalValues) {
  Event event;
  // "cmd" NUL "--token" NUL "abc def"
  event.put(FieldId::kAuditdData, "proctitle", "636D64002D2D746F6B656E0061626320646566");
  event.put(FieldId::kAuditdData, "pid", "12345678");
  event.put_in(FieldId::kAuditdExecve, 0, "a0", "cmd");
  event.put_in(FieldId::kAuditdExecve, 0, "a1", "--token");
  event.put_in(FieldId::kAuditdExecve, 0, "a2", "61626320646566");
  EXPECT_EQ(after("redact", {{"patterns", R"(['--token[ =](\w+)'])"}}, event),
            R"({"auditd":{"data":{"proctitle":"cmd --token [redacted] def","pid":"12345678"},)"
            R"("execve":[{"a0":"cmd","a1":"--token","a2":"[redacted] def"}]}})");
}

TEST(Redact, TakesTheOriginalAwayWithTheRest) {
  Event event;
  event.set(FieldId::kProcessTitle, "x secret y");
  event.set(FieldId::kEventOriginal, "type=EXECVE a0=736563726574");
  event.put(FieldId::kAuditdBytes, "a0", "73656372657400ff");
  EXPECT_EQ(after("redact", {{"patterns", "[secret]"}, {"replacement", "'***'"}}, event),
            R"({"auditd":{"bytes":{"a0":"***"}},"event":{"original":"***"},"process":{"title":"x *** y"}})");
}

TEST(Redact, LeavesOtherEventsAlone) {
  Event event;
  event.set(FieldId::kProcessTitle, "harmless");
  event.set(FieldId::kEventOriginal, "type=EXECVE");
  EXPECT_EQ(after("redact", {{"patterns", "[secret, '']"}}, event),
            R"({"event":{"original":"type=EXECVE"},"process":{"title":"harmless"}})");
}

TEST(Redact, MergesOverlaps) {
  Event event;
  event.set(FieldId::kMessage, "abcdef abc");
  EXPECT_EQ(after("redact", {{"patterns", "[abcd, cdef, bc]"}, {"replacement", "_"}}, event), R"({"message":"_ a_"})");
}

TEST(Redact, RefusesBadPatternsAndFields) {
  EXPECT_EQ(refused("redact", {{"patterns", "['[']"}}), "'[' is no regular expression of RE2: missing ]: [");
  EXPECT_EQ(refused("redact", {{"patterns", "[a]"}, {"fields", "[process.pid]"}}),
            "field 'process.pid' holds no text that can be redacted");
  EXPECT_EQ(refused("redact", {{"patterns", "[a]"}, {"fields", "[nothing]"}}), "field 'nothing' is not known");
}

TEST(ConditionalProcessors, SeeOnlyWhatFits) {
  ConditionSpec when{
      .op = ConditionSpec::Op::equals, .tests = {{"process.name", "", {"a"}}}, .children = {}, .where = "x.yml:1:1"};
  const auto made = make_processors({{.type = "drop_event", .settings = {}, .when = when, .where = "x.yml:1:1"}});
  ASSERT_TRUE(made) << made.error().what;
  Event event;
  event.set(FieldId::kProcessName, "a");
  EXPECT_EQ(made->at(0)->process(event), Verdict::drop);
  event.set(FieldId::kProcessName, "b");
  EXPECT_EQ(made->at(0)->process(event), Verdict::keep);
}

}  // namespace
}  // namespace acta
