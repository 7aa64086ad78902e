// Laws of the record grammar: what the kernel writes is read back; of any text nothing is lost.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "processors/audit/record.h"
#include "support/record_checks.h"

namespace acta::audit {
namespace {

std::string hex_of(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

// audit_log_untrustedstring() of the kernel.
std::string untrusted(const std::string& bytes) {
  const bool plain = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c != '"' && c >= 0x21 && c <= 0x7e; });
  return plain ? "\"" + bytes + "\"" : hex_of(bytes);
}

std::string key_name(size_t i) {
  return "k" + std::to_string(i % 7);
}

RC_GTEST_PROP(RecordProperty, HexGoesRound, (const std::string& bytes)) {
  std::string out = "before";
  RC_ASSERT(decode_hex(hex_of(bytes), out));
  RC_ASSERT(out == bytes);
  RC_ASSERT(!decode_hex(hex_of(bytes) + "0", out));
  RC_ASSERT(out == bytes);
}

RC_GTEST_PROP(RecordProperty, UntrustedStringsGoRound, (const std::vector<std::string>& values, bool in_message)) {
  std::string body;
  for (size_t i = 0; i < values.size(); ++i) body += (i == 0 ? "" : " ") + key_name(i) + "=" + untrusted(values[i]);
  if (in_message) body = "pid=1 msg='" + body + "'";
  Record record;
  record.body = body;
  std::vector<Field> fields;
  split_fields(record, fields);
  if (in_message) {
    RC_ASSERT(!fields.empty() && fields[0].key == "pid");
    fields.erase(fields.begin());
  }
  RC_ASSERT(fields.size() == values.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    std::string value(fields[i].value);
    if (!fields[i].quoted) RC_ASSERT(decode_hex(fields[i].value, value));
    RC_ASSERT(value == values[i]);
    RC_ASSERT(fields[i].key == key_name(i));
    RC_ASSERT(fields[i].occurrence == i / 7);
    RC_ASSERT(fields[i].in_message == in_message);
  }
}

RC_GTEST_PROP(RecordProperty, OfAnyTextNothingIsLost, ()) {
  // Pieces of the grammar and noise, in any order.
  const auto piece = rc::gen::oneOf(rc::gen::elementOf(std::vector<std::string>{" ",
                                                                                "  ",
                                                                                "a=",
                                                                                "op=",
                                                                                "msg='",
                                                                                "'",
                                                                                "\"",
                                                                                "b=\"x y\"",
                                                                                "avc:  denied  { r w } for ",
                                                                                "old auid=1",
                                                                                "(h=?,",
                                                                                "r=1)",
                                                                                "new",
                                                                                "{",
                                                                                "}",
                                                                                ":",
                                                                                "=",
                                                                                ",",
                                                                                std::string(1, '\0'),
                                                                                "key=(null)",
                                                                                "\x1d"
                                                                                "UID=\"a\""}),
                                    rc::gen::arbitrary<std::string>());
  std::string body;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) body += part;
  const std::string line = "type=USER msg=audit(1.002:3): " + body;
  const auto record = parse_record(line);
  RC_ASSERT(record.has_value());
  RC_ASSERT(test::head_is_sound(*record));
  std::vector<Field> fields;
  split_fields(*record, fields);
  RC_ASSERT(test::fields_are_sound(record->body, fields));
  split_enriched(*record, fields);
  RC_ASSERT(test::fields_are_sound(record->enriched, fields));
}

bool same_fields(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::ranges::equal(a, b, [](const Field& x, const Field& y) {
    return x.key == y.key && x.value == y.value && x.quoted == y.quoted && x.in_message == y.in_message &&
           x.occurrence == y.occurrence && x.id == y.id;
  });
}

// The order of keys learnt from other records (KeyOrder) saves time and changes nothing.
RC_GTEST_PROP(RecordProperty, OrderOfKeysChangesNothing, ()) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"auid=1 ",
                                                                 "uid=22 ",
                                                                 "AUID=\"x\" ",
                                                                 "UID=\"root\" ",
                                                                 "op=add user to ",
                                                                 "acct=\"a b\" ",
                                                                 "msg='",
                                                                 "' ",
                                                                 "old ",
                                                                 "new ",
                                                                 "ses=4294967295 ",
                                                                 "cap_frootid=0 ",
                                                                 "(res=1) ",
                                                                 "auid ",
                                                                 "auids=1 ",
                                                                 "syscall=59 ",
                                                                 "exit=-13, ",
                                                                 "proctitle=6C73 ",
                                                                 "k=v ",
                                                                 "avc:  denied  { read } for "});
  KeyOrder order, upper;
  for (int i = 0; i < 8; ++i) {
    Record record;
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
    record.body = record.enriched = text;
    std::vector<Field> plain, ordered;
    split_fields(record, plain);
    split_fields(record, ordered, &order);
    RC_ASSERT(same_fields(plain, ordered));
    for (const Field& field : plain) RC_ASSERT(field.id == find_key(field.key));
    split_enriched(record, plain);
    split_enriched(record, ordered, &upper);
    RC_ASSERT(same_fields(plain, ordered));
  }
}

RC_GTEST_PROP(RecordProperty, HeadsGoRound, (uint32_t second, uint64_t serial, uint16_t type)) {
  const auto milli = *rc::gen::inRange<uint32_t>(0, 1000);
  const std::string digits = std::to_string(milli);
  const std::string line = "node=n.x type=UNKNOWN[" + std::to_string(type) + "] msg=audit(" + std::to_string(second) +
                           "." + std::string(3 - digits.size(), '0') + digits + ":" + std::to_string(serial) + "): x=1";
  const auto record = parse_record(line);
  RC_ASSERT(record.has_value());
  RC_ASSERT(record->key == (EventKey{"n.x", second, milli, serial}));
  RC_ASSERT(record->type == type);
  RC_ASSERT(record->body == "x=1");
}

}  // namespace
}  // namespace acta::audit
