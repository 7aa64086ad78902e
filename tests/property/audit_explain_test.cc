#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "processors/audit/record.h"
#include "support/audit_documents.h"
#include "support/audit_lines.h"
#include "support/explained.h"
#include "support/shared.h"

namespace acta::test {
namespace {

size_t fields_in(std::string_view log) {
  size_t count = 0;
  std::vector<audit::Field> fields;
  for_each_line(log, [&](std::string_view line) {
    const auto record = audit::parse_record(line);
    if (!record || record->type_name == "EOE") return;
    audit::split_fields(*record, fields);
    count += fields.size();
    audit::split_enriched(*record, fields);
    count += fields.size();
  });
  return count;
}

AuditRunOptions explaining() {
  AuditRunOptions options;
  options.explain = true;
  return options;
}

TEST(AuditExplain, EveryFieldOfEveryCorpusIsWhereItIsSaidToBe) {
  SKIP_WITHOUT_SHARED(shared);
  size_t fields = 0;
  for (const std::string& corpus : audit_corpora(*shared)) {
    SCOPED_TRACE(corpus);
    const std::string text = read_log(corpus).substr(0, 4u << 20);  // of the large log the first part
    const std::string whole = text.substr(0, text.rfind('\n') + 1);
    const AuditDocuments documents = decode_audit(whole, explaining());
    const ExplainCheck check = check_explained(documents);
    for (const std::string& problem : check.problems) ADD_FAILURE() << problem;
    EXPECT_EQ(decode_audit(whole).json, documents.json) << "nobody looking";
    if (documents.duplicates == 0) {
      EXPECT_EQ(check.fields, fields_in(whole));
    }
    fields += check.fields;
  }
  EXPECT_GT(fields, 100'000u);
}

// Keys and values of someone who wants to break the document.
rc::Gen<std::string> key() {
  return rc::gen::element<std::string>("uid", "uid", "auid", "a0", "a1", "a1[0]", "a1_len", "argc", "syscall", "arch",
                                       "exit", "name", "item", "nametype", "record", "record_type", "interpreted",
                                       "bytes", "old-auid", "old_auid", "old.auid", "x.y", "x_y", "socket", "family",
                                       "key", "saddr", "subj", "acct", "unkeyed", "\xc3\xa4", "\xff", "proctitle",
                                       "mode", "ses", "K", "msg", "=");
}

rc::Gen<std::string> value() {
  return rc::gen::element<std::string>(
      "0", "1", "-1", "4294967295", "?", "(null)", "\"?\"", "\"(null)\"", "\"\"", "", "\"a b\"", "41420043", "4142",
      "\"\xff\xfe\"", "\xe2\x82\xac", "c000003e", "59", "-13", "\"type=SYSCALL msg=audit(1.000:1): x=y\"",
      "02000050A9FEA9FE0000000000000000", "\"../../etc\"", "0100644", "zz", "\x1b[31m", "'", "\"", "a'b");
}

rc::Gen<std::string> body() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::pair<std::string, std::string>>>(rc::gen::pair(key(), value())),
      [](const std::vector<std::pair<std::string, std::string>>& fields) {
        std::string text;
        for (const auto& [name, text_value] : fields) text += (text.empty() ? "" : " ") + name + "=" + text_value;
        return text;
      });
}

// What follows the mark 0x1D: names for fields that the body has, and for some that it has not.
rc::Gen<std::string> tail() {
  const auto upper = rc::gen::element<std::string>("UID", "UID", "AUID", "ARCH", "SYSCALL", "A1", "SADDR", "NAME",
                                                   "OLD-AUID", "KEY", "RECORD", "X_Y", "K", "=", "SOCKET", "uid");
  return rc::gen::map(
      rc::gen::container<std::vector<std::pair<std::string, std::string>>>(rc::gen::pair(upper, value())),
      [](const std::vector<std::pair<std::string, std::string>>& fields) {
        std::string text = fields.empty() ? "" : "\x1dGID=0";
        for (const auto& [name, words] : fields) text += " " + name + "=" + words;
        return text;
      });
}

RC_GTEST_PROP(AuditExplain, HostileRecordsKeepEveryFieldApart, ()) {
  const auto types = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("SYSCALL", "PATH", "PATH", "EXECVE", "AVC", "USER_AUTH", "UNKNOWN[1999]", "CWD",
                                    "SOCKADDR", "LOGIN", "X Y", "PROCTITLE"));
  std::string log;
  for (const std::string& type : types) log += "type=" + type + " msg=audit(1.000:1): " + *body() + *tail() + "\n";
  const AuditDocuments documents = decode_audit(log, explaining());
  const ExplainCheck check = check_explained(documents);
  if (!check.problems.empty()) {
    RC_LOG() << log << "\n" << check.problems[0] << "\n";
    for (const std::string& json : documents.json) RC_LOG() << json << "\n";
  }
  RC_ASSERT(check.problems.empty());
  RC_ASSERT(decode_audit(log).json == documents.json);
  if (documents.duplicates == 0) RC_ASSERT(check.fields == fields_in(log));
}

}  // namespace
}  // namespace acta::test
