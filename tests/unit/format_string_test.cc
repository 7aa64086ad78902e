#include "event/format_string.h"

#include <gtest/gtest.h>

#include "event/route.h"
#include "spool/payload.h"

namespace acta {
namespace {

std::string render(const std::string& format, const Meta& meta) {
  const auto parsed = FormatString::parse(format);
  if (!parsed) return parsed.error().what;
  std::string out;
  parsed->append(meta, out);
  return out;
}

TEST(FormatString, FieldsOfMeta) {
  const Meta meta{.timestamp = 1'700'000'000 * kSecond, .id = "i", .dataset = "d", .key = "h"};
  EXPECT_EQ(render("plain", meta), "plain");
  EXPECT_EQ(render("", meta), "");
  EXPECT_EQ(render("%{[event.dataset]}/%{[event.id]}/%{[host.id]}", meta), "d/i/h");
  EXPECT_EQ(render("%{+yyyy.MM.dd-HH:mm:ss}", meta), "2023.11.14-22:13:20");
  EXPECT_EQ(render("%{[event.id]:x}%{[event.dataset]:}", {}), "x");
  EXPECT_EQ(render("a%b%{[agent.version]}", meta), "a%b" ACTA_VERSION);
}

TEST(FormatString, FieldsThatTravelWithTheDocument) {
  Event event;
  event.set_time(FieldId::kTimestamp, 1'700'000'000 * kSecond);
  event.add(FieldId::kEventCategory, "process");
  event.add(FieldId::kEventCategory, "file");
  event.set(FieldId::kProcessPid, int64_t{7});
  event.set(FieldId::kProcessName, std::string_view("a\0b", 3));
  event.set(FieldId::kProcessCommandLine, std::string(1000, 'x'));
  event.put(FieldId::kAuditdData, "syscall", "execve");
  const std::vector<Route> routes = {{"event.category", FieldId::kEventCategory, ""},
                                     {"process.pid", FieldId::kProcessPid, ""},
                                     {"process.name", FieldId::kProcessName, ""},
                                     {"process.command_line", FieldId::kProcessCommandLine, ""},
                                     {"auditd.data.syscall", FieldId::kAuditdData, "syscall"},
                                     {"auditd.data.a0", FieldId::kAuditdData, "a0"},
                                     {"@timestamp", FieldId::kTimestamp, ""}};
  std::string values;
  append_routes(routes, event, values);
  EXPECT_EQ(find_route(values, "event.category"), "process");
  EXPECT_EQ(find_route(values, "process.pid"), "7");
  EXPECT_EQ(find_route(values, "process.name"), "ab") << "a NUL ends values";
  EXPECT_EQ(find_route(values, "process.command_line")->size(), kRouteBytesMax);
  EXPECT_EQ(find_route(values, "auditd.data.syscall"), "execve");
  EXPECT_EQ(find_route(values, "auditd.data.a0"), std::nullopt);
  EXPECT_EQ(find_route(values, "process"), std::nullopt) << "a value is no name";
  EXPECT_EQ(find_route("damaged", "damaged"), std::nullopt);
  EXPECT_EQ(render("%{[event.category]}-%{[auditd.data.a0]}-%{[auditd.data.a0]:no}", {.routes = values}),
            "process-none-no");
}

TEST(FormatString, WhatItIsNot) {
  for (const char* bad : {"%{", "%{[a]", "%{a}", "%{[]}", "%{[a]b}", "%{+}", "%{+YYYY}", "%{+x}"}) {
    EXPECT_FALSE(FormatString::parse(bad)) << bad;
  }
}

TEST(Routes, SurviveTheSpool) {
  Batch batch;
  const std::string_view routes("a\0b\0", 4);
  batch.add({.timestamp = 5, .id = "i", .dataset = "d", .key = "k", .routes = routes}, "{}");
  batch.add({.timestamp = 6, .id = "j", .dataset = "d", .key = "k"}, "{1}");
  std::string payload;
  spool::encode_payload(batch, payload);
  Batch back;
  ASSERT_TRUE(spool::decode_payload(payload, 2, back));
  EXPECT_EQ(back[0].meta.routes, routes);
  EXPECT_EQ(back[0].meta.key, "k");
  EXPECT_EQ(back[0].json, "{}");
  EXPECT_EQ(back[1].meta.routes, "");
  EXPECT_EQ(back[1].json, "{1}");
}

}  // namespace
}  // namespace acta
