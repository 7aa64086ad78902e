#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "processors/audit/record.h"

namespace acta::audit {
namespace {

// Each field as `key=value`, with " before a quoted value, ' before a field of msg='…' and #n after a repeated key.
std::string fields_of(std::string_view body, bool enriched = false) {
  Record record;
  (enriched ? record.enriched : record.body) = body;
  std::vector<Field> fields;
  enriched ? split_enriched(record, fields) : split_fields(record, fields);
  std::string text;
  for (const Field& field : fields) {
    if (!text.empty()) text += '|';
    if (field.in_message) text += '\'';
    text += field.key;
    if (field.occurrence != 0) text += '#' + std::to_string(field.occurrence);
    text += '=';
    if (field.quoted) text += '"';
    text += field.value;
  }
  return text;
}

TEST(AuditFields, PlainAndQuoted) {
  EXPECT_EQ(fields_of("a=1 comm=\"my prog\" exe=2F62 key=(null)"), "a=1|comm=\"my prog|exe=2F62|key=(null)");
  EXPECT_EQ(fields_of("  a4[2]=42  b= c="), "a4[2]=42|b=|c=");
  EXPECT_EQ(fields_of(""), "");
  EXPECT_EQ(fields_of("   "), "");
}

TEST(AuditFields, RepeatedKeysAreCounted) {
  EXPECT_EQ(fields_of("uid=1 a=x uid=2 uid=3 a=y"), "uid=1|a=x|uid#1=2|uid#2=3|a#1=y");
}

TEST(AuditFields, ManyRepeatedKeysTakeLinearTime) {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "a" + std::to_string(i % 2500) + "=x ";
  Record record;
  record.body = body;
  std::vector<Field> fields;
  split_fields(record, fields);
  ASSERT_EQ(fields.size(), 5000u);
  for (size_t i = 0; i < fields.size(); ++i) EXPECT_EQ(fields[i].occurrence, i < 2500 ? 0 : 1) << i;
}

TEST(AuditFields, FieldsBeyondTheLimitStayOnePiece) {
  std::string body;
  for (int i = 0; i < 100000; ++i) body += "a=1 ";
  Record record;
  record.body = body;
  std::vector<Field> fields;
  split_fields(record, fields);
  ASSERT_EQ(fields.size(), 16385u);
  EXPECT_EQ(fields.back().key, "");
  EXPECT_EQ(fields.back().value.size(), body.size() - 16384 * 4);
}

TEST(AuditFields, MessageIsOpened) {
  EXPECT_EQ(fields_of("pid=1 uid=0 msg='op=PAM:setcred acct=\"alice\" hostname=? res=success'"),
            "pid=1|uid=0|'op=PAM:setcred|'acct=\"alice|'hostname=?|'res=success");
  EXPECT_EQ(fields_of("uid=0 msg='op=x uid=1'"), "uid=0|'op=x|'uid#1=1");
  EXPECT_EQ(fields_of("msg=test a=b"), "msg=test|a=b");
  EXPECT_EQ(fields_of("msg=''"), "");
  EXPECT_EQ(fields_of("msg='open end res=1"), "'=open end|'res=1");
}

TEST(AuditFields, OnlyTheLastQuoteClosesAMessage) {
  EXPECT_EQ(fields_of("pid=1 msg='text='a b' msg=audit(1.1:1): res=success' uid=0'"),
            "pid=1|'text='a|'=b'|'msg=audit(1.1:1):|'res=success'|'uid=0");
}

TEST(AuditFields, OldPamText) {
  EXPECT_EQ(fields_of("user pid=7 uid=0 auid=42 msg='PAM: setcred acct=root : exe=\"/usr/sbin/crond\" (hostname=?, "
                      "addr=?, terminal=cron "
                      "res=success)'"),
            "=user|pid=7|uid=0|auid=42|'#1=PAM: "
            "setcred|'acct=root|'exe=\"/usr/sbin/crond|'hostname=?|'addr=?|'terminal=cron|'res=success");
  EXPECT_EQ(fields_of("msg='x (hostname=(null), addr=(null))'"), "'=x|'hostname=(null)|'addr=(null)");
}

TEST(AuditFields, OldLoginText) {
  EXPECT_EQ(fields_of("user pid=2 msg='uid=848: exe=\"/bin/login\" addr=fe80:: x=a:'"),
            "=user|pid=2|'uid=848|'exe=\"/bin/login|'addr=fe80::|'x=a:");
}

TEST(AuditFields, OldDaemonText) {
  EXPECT_EQ(fields_of("auditd start, ver=1.2 auid=0 res=success, auditd pid=9"),
            "=auditd start,|ver=1.2|auid=0|res=success|#1=auditd|pid=9");
}

TEST(AuditFields, OldLoginKeys) {
  EXPECT_EQ(fields_of("login pid=2 uid=0 old auid=4294967295 new auid=848 old ses=1 new ses=2"),
            "=login|pid=2|uid=0|old-auid=4294967295|auid=848|old-ses=1|ses=2");
  EXPECT_EQ(fields_of("old name=x new"), "=old|name=x|#1=new");
}

TEST(AuditFields, AccessVector) {
  EXPECT_EQ(fields_of("avc:  denied  { read write } for  pid=1 comm=\"x\""),
            "seresult=denied|seperms=read write|pid=1|comm=\"x");
  EXPECT_EQ(fields_of("avc:  granted  { } for  pid=1"), "seresult=granted|seperms=|pid=1");
  EXPECT_EQ(fields_of("pid=1 msg='avc:  denied  { status } for auid=0 exe=\"/x\" sauid=0'"),
            "pid=1|'seresult=denied|'seperms=status|'auid=0|'exe=\"/x|'sauid=0");
  EXPECT_EQ(fields_of("msg='avc:  received setenforce notice (enforcing=1) exe=\"/x\"'"),
            "'=avc:  received setenforce notice|'enforcing=1|'exe=\"/x");
  EXPECT_EQ(fields_of("avc:  denied  { read"), "seresult=denied|={ read");
  EXPECT_EQ(fields_of("avc:"), "=avc:");
}

TEST(AuditFields, OperationsWithSpaces) {
  EXPECT_EQ(fields_of("msg='op=adding user to group acct=\"bob\" res=success'"),
            "'op=adding user to group|'acct=\"bob|'res=success");
  EXPECT_EQ(fields_of("op= acct=x"), "op=|acct=x");
  EXPECT_EQ(fields_of("op=  text acct=x"), "op=|=text|acct=x");
  EXPECT_EQ(fields_of("op=a b "), "op=a b");
}

TEST(AuditFields, QuotesThatEncloseNoWholeValueStay) {
  EXPECT_EQ(fields_of("a=\"x\"y b=1"), "a=\"x\"y|b=1");
  EXPECT_EQ(fields_of("a=\"x y"), "a=\"x|=y");
  EXPECT_EQ(fields_of("a=\""), "a=\"");
  EXPECT_EQ(fields_of("a=\"\" b=\"x\", c=\"y\")"), "a=\"|b=\"x|c=\"y");
}

TEST(AuditFields, StrayQuoteAtTheEndOfARecord) {
  EXPECT_EQ(fields_of("a2=\"721d\"'"), "a2=\"721d|='");
  EXPECT_EQ(fields_of("key=6162\""), "key=6162|=\"");
  EXPECT_EQ(fields_of("a='x'"), "a='x'");
  EXPECT_EQ(fields_of("a=' b=\""), "a='|b=\"");
  EXPECT_EQ(fields_of("msg='a=x\"'"), "'a=x\"");
}

TEST(AuditFields, EnrichedTailWithoutItsMark) {
  EXPECT_EQ(fields_of("key=(null)ARCH=x86_64 UID=\"root\""), "key=(null)|ARCH=x86_64|UID=\"root");
  EXPECT_EQ(fields_of("key=\"k\"ARCH=x86_64"), "key=\"k|ARCH=x86_64");
  EXPECT_EQ(fields_of("cap_frootid=0OUID=\"root\" OGID=\"root\""), "cap_frootid=0|OUID=\"root|OGID=\"root");
  EXPECT_EQ(fields_of("a=1A\" b=\"k\"B c=d"), "a=1A\"|b=\"k\"B|c=d");
  EXPECT_EQ(fields_of("msg='x=1 res=success'UID=\"root\""), "'x=1|'res=success|UID=\"root");
  EXPECT_EQ(fields_of("a=1x=\"y\" b=1A\""), "a=1x=\"y\"|b=1A|=\"");
  EXPECT_EQ(fields_of("key=\"k\"ARCH"), "key=\"k\"ARCH");
  EXPECT_EQ(fields_of("msg='a=\"b\"C=d'"), "'a=\"b\"C=d");
}

TEST(AuditFields, ForgedTextInQuotesIsOneValue) {
  EXPECT_EQ(fields_of("name=\"/tmp/x type=USER msg=audit(1.2:3): uid=0\" uid=1000"),
            "name=\"/tmp/x type=USER msg=audit(1.2:3): uid=0|uid=1000");
}

TEST(AuditFields, AddressesKeepTheirColons) {
  EXPECT_EQ(fields_of("addr=fe80:: laddr=::"), "addr=fe80::|laddr=::");
}

TEST(AuditFields, Enriched) {
  EXPECT_EQ(fields_of("ARCH=x86_64 UID=\"al ice\" UID=\"root\"", true), "ARCH=x86_64|UID=\"al ice|UID#1=\"root");
  EXPECT_EQ(fields_of("SADDR={ saddr_fam=local path=/x } y }", true), "SADDR={ saddr_fam=local path=/x } y }");
  EXPECT_EQ(fields_of("UID=\"a\" SADDR={ saddr_fam=inet }", true), "UID=\"a|SADDR={ saddr_fam=inet }");
  EXPECT_EQ(fields_of("", true), "");
}

}  // namespace
}  // namespace acta::audit
