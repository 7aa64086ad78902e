// Laws of the record grammar: what the kernel writes is read back; of any text nothing is lost.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "event/byte_block.h"
#include "processors/audit/event_fields.h"
#include "processors/audit/record.h"
#include "processors/audit/record_types.h"
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

bool same_slots(const FieldSlots& a, const FieldSlots& b) {
  return std::ranges::equal(a, b, [](const FieldSlot& x, const FieldSlot& y) {
    return x.field.key == y.field.key && x.field.value == y.field.value && x.field.quoted == y.field.quoted &&
           x.field.in_message == y.field.in_message && x.field.occurrence == y.field.occurrence &&
           x.field.id == y.field.id && x.name == y.name && x.printed == y.printed && x.text == y.text &&
           x.has_tail == y.has_tail && (!x.has_tail || x.tail == y.tail) && x.key == y.key &&
           x.name_key == y.name_key && x.kind == y.kind;
  });
}

bool same_tails(const std::vector<TailField>& a, const std::vector<TailField>& b) {
  return std::ranges::equal(
      a, b, [](const TailField& x, const TailField& y) { return x.name == y.name && x.value == y.value; });
}

using Parts = std::vector<std::string>;

// `keys` with a value each; a last key in msg='…' is closed.
std::string body_of(const std::string& keys, const Parts& values) {
  std::string body;
  size_t at = 0;
  for (const char c : keys + ' ') body += c == ' ' ? "=" + values[at++ % values.size()] + ' ' : std::string(1, c);
  body.pop_back();
  return keys.find('\'') == std::string::npos ? body : body + "'";
}

// Mostly bodies of a few shapes, which are learnt so; now and then what comes.
rc::Gen<std::string> any_body() {
  const auto keys = rc::gen::elementOf(
      Parts{"uid ses comm", "name item", "argc a0 a1", "uid", "uid ses uid key", "pid uid msg='op acct exe"});
  const auto value = rc::gen::elementOf(Parts{"1",       "0",    "",   "?",  "\"?\"",           "(null)", "(none)",
                                              "\"ls\"",  "6C73", "x,", "u:", "(null)UID=\"a\"", "(x y",   "\"a",
                                              "\"a b\"", "a\"",  "'",  "a)", "\"a\"b",          "\"\"",   "x y"});
  const auto usual = rc::gen::elementOf(Parts{"1", "0", "\"ls\"", "(null)"});
  const auto values = rc::gen::container<Parts>(5, rc::gen::weightedOneOf<std::string>({{9, usual}, {1, value}}));
  const auto likely = rc::gen::map(rc::gen::tuple(keys, values), [](const std::tuple<std::string, Parts>& given) {
    return body_of(std::get<0>(given), std::get<1>(given));
  });
  const auto piece = rc::gen::elementOf(Parts{"auid=1 ",
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
  const auto any = rc::gen::map(rc::gen::container<Parts>(piece), [](const Parts& parts) {
    std::string body;
    for (const std::string& part : parts) body += part;
    return body;
  });
  return rc::gen::weightedOneOf<std::string>({{4, likely}, {1, any}});
}

// What was learnt of the shapes of records before saves time and changes nothing.
RC_GTEST_PROP(RecordProperty, ShapesOfRecordsChangeNothing, ()) {
  const Interpreter interpreter;
  EventFields learning(interpreter);
  const auto tail = rc::gen::elementOf(std::vector<std::string>{
      "", "UID=\"root\"", "UID=\"unknown(1)\"", "UID=\"a\" AUID=\"b\"", "UID=\"a b\"", "UID=root",
      "UID=\"x SADDR={ y\"", "SADDR={ saddr_fam=local path=/x }", "UID", "UID=\"a\" UID=\"b\"", "UID=\"\" "});
  constexpr int kRecords = 60;
  for (int i = 0; i < kRecords; ++i) {
    // Of a size of its own: a look past its end is found by the sanitizers.
    const std::string body = *any_body(), enriched = *tail;
    const std::string line = body + (enriched.empty() ? "" : '\x1d' + enriched);
    const auto copy = std::make_unique<char[]>(line.size());
    std::ranges::copy(line, copy.get());
    AssembledEvent event;
    Record& record = event.records.emplace_back();
    record.type = *rc::gen::weightedElement<uint16_t>({{8, type::kSyscall}, {1, type::kPath}});
    record.line = {copy.get(), line.size()};
    record.body = record.line.substr(0, body.size());
    if (!enriched.empty()) record.enriched = record.line.substr(body.size() + 1);
    Arena arena;
    learning.read(event, arena);
    EventFields fresh(interpreter);
    fresh.read(event, arena);
    RC_ASSERT(same_slots(learning[0].slots, fresh[0].slots));
    RC_ASSERT(learning[0].renamed == fresh[0].renamed && learning[0].utf8 == fresh[0].utf8);
    RC_ASSERT(same_tails(learning.tails_alone(), fresh.tails_alone()));
    if (!learning[0].plain) continue;
    for (const FieldSlot& slot : learning[0].slots) {
      const std::string texts = std::string(slot.field.value) + (slot.has_tail ? std::string(slot.tail) : "");
      RC_ASSERT(std::ranges::none_of(texts, [](char c) { return is_special(static_cast<uint8_t>(c)); }));
    }
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
