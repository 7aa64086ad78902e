// Our fields against libauparse's, raw, for every record of all corpora.
#include <auparse.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "processors/audit/record.h"
#include "support/audit_lines.h"
#include "support/shared.h"

namespace acta::audit {
namespace {

using Pair = std::pair<std::string, std::string>;
using Pairs = std::vector<Pair>;

struct AuparseClose {
  void operator()(auparse_state_t* state) const { auparse_destroy(state); }
};

// Key and raw value of every field as libauparse splits the record, without node, type.
Pairs pairs_of_auparse(const std::string& line) {
  Pairs pairs;
  const std::unique_ptr<auparse_state_t, AuparseClose> state(auparse_init(AUSOURCE_BUFFER, (line + "\n").c_str()));
  if (!state || auparse_next_event(state.get()) != 1 || auparse_first_record(state.get()) != 1) return pairs;
  do {
    const char* name = auparse_get_field_name(state.get());
    const char* value = auparse_get_field_str(state.get());
    if (name == nullptr || value == nullptr) continue;
    pairs.emplace_back(name, value);
  } while (auparse_next_field(state.get()) > 0);
  while (!pairs.empty() && (pairs.front().first == "node" || pairs.front().first == "type")) pairs.erase(pairs.begin());
  return pairs;
}

bool one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

// A key of a rule: libauparse cuts the hex of several at 0x01 and quotes or hexes each again.
void add_keys(const Field& field, Pairs& pairs) {
  std::string text;
  if (field.quoted || field.value.starts_with('(') || !decode_hex(field.value, text)) {
    const std::string quote = field.quoted ? "\"" : "";
    pairs.emplace_back("key", quote + std::string(field.value) + quote);
    return;
  }
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\x01', at), text.size());
    const std::string one = text.substr(at, end - at);
    at = end + 1;
    if (!one.empty()) pairs.emplace_back("key", "\"" + one + "\"");
  }
}

// What libauparse would have made of our fields. Each branch is a deliberate deviation, with its reason.
Pairs as_auparse(const Record& record, const std::vector<Field>& fields, std::map<std::string, size_t>& deviations) {
  Pairs pairs;
  for (const Field& field : fields) {
    std::string key(field.key);
    std::string value(field.value);
    const auto deviates = [&](const char* why) { ++deviations[why]; };
    if (key.empty()) {
      deviates("words without '=' are kept with an empty key; libauparse drops them");
      continue;
    }
    if (!pairs.empty() && pairs.back().second == "(null)" && field.key.data()[-1] == ')') {
      pairs.back().second += key + "=" + value;
      deviates("key=(null)ARCH=x86_64: the enriched tail is told without its mark; libauparse takes it for the key");
      continue;
    }
    if (key == "seperms") {
      std::ranges::replace(value, ' ', ',');
      deviates("seperms is as printed, with spaces; libauparse joins with commas");
    }
    if (one_of(key, {"seresult", "seperms"}) && record.type != 1400) {
      deviates("the access vector of USER_AVC is read too; libauparse reads it in AVC only");
      continue;
    }
    if (one_of(key, {"old-auid", "old-ses"}) && record.body.find(key) == std::string_view::npos) {
      key = key.substr(4);
      deviates("'old auid=' is old-auid; libauparse says auid twice");
    }
    if (value.empty() && !field.quoted) {
      deviates("a field without a value is kept; libauparse drops it");
      continue;
    }
    if (key == "op" && value.find(' ') != std::string::npos) {
      value = value.substr(0, value.find(' '));
      deviates("op has all its words; libauparse keeps the first");
      if (value.ends_with(',')) value.pop_back();
    }
    if (key == "key") {
      add_keys(field, pairs);
      continue;
    }
    if (field.quoted) {
      value = "\"" + value + "\"";
      if (value.find(' ') != std::string::npos) {
        value = value.substr(0, value.find(' '));
        deviates("a quoted value goes to its closing quote; libauparse cuts it at a space");
      }
    }
    pairs.emplace_back(std::move(key), std::move(value));
  }
  return pairs;
}

std::string text_of(const Pairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) text += key + "=" + value + " | ";
  return text;
}

void compare(const std::string& log, std::map<std::string, size_t>& deviations, size_t& records, size_t& differences) {
  std::vector<Field> fields;
  std::set<std::string> seen;
  test::for_each_line(log, [&](std::string_view text) {
    const auto record = parse_record(text);
    if (!record) return;
    const std::string line(text);
    ++records;
    split_fields(*record, fields);
    const Pairs ours = as_auparse(*record, fields, deviations);
    const Pairs theirs = pairs_of_auparse(line);
    if (ours == theirs) return;
    if (++differences < 20) ADD_FAILURE() << line << "\nours:   " << text_of(ours) << "\ntheirs: " << text_of(theirs);
  });
}

// The walk that upstream's own test expects (auparse_test.ref, test 4): fields by line of test.log.
std::map<size_t, Pairs> pairs_of_reference(const std::string& text) {
  std::map<size_t, Pairs> by_line;
  size_t number = 0;
  test::for_each_line(text, [&](std::string_view line) {
    if (line.starts_with("    line=")) {
      number = line.ends_with("file=./test.log") ? std::stoul(std::string(line.substr(9))) : 0;
      if (by_line.contains(number)) number = 0;  // told again by a later test
      return;
    }
    if (line.empty()) number = 0;
    const size_t equals = line.find('=');
    if (number == 0 || !line.starts_with("        ") || equals == std::string_view::npos) return;
    const std::string key(line.substr(8, equals - 8));
    if (key != "type" && key.find(' ') == std::string::npos) by_line[number].emplace_back(key, line.substr(equals + 1));
  });
  return by_line;
}

TEST(RecordDifferential, FieldsAreThoseOfUpstreamsReference) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string folder = *shared + "/golden/audit-userspace/";
  const auto reference = pairs_of_reference(test::read_log(folder + "auparse_test.ref"));
  ASSERT_EQ(reference.size(), 12u);
  std::map<std::string, size_t> deviations;
  std::vector<Field> fields;
  size_t number = 0;
  test::for_each_line(test::read_log(folder + "test.log"), [&](std::string_view line) {
    const auto record = parse_record(line);
    ASSERT_TRUE(record.has_value()) << line;
    split_fields(*record, fields);
    EXPECT_EQ(text_of(as_auparse(*record, fields, deviations)), text_of(reference.at(++number))) << line;
  });
  EXPECT_EQ(number, 12u);
}

TEST(RecordDifferential, FieldsAreLibauparses) {
  SKIP_WITHOUT_SHARED(shared);
  std::map<std::string, size_t> deviations;
  size_t records = 0;
  size_t differences = 0;
  for (const std::string& path : test::audit_corpora(*shared))
    compare(test::read_log(path), deviations, records, differences);
  EXPECT_EQ(differences, 0u);
  EXPECT_GT(records, 20'000u);
  for (const auto& [why, count] : deviations) std::printf("deviation, %zu times: %s\n", count, why.c_str());
  std::printf("%zu records compared\n", records);
}

}  // namespace
}  // namespace acta::audit
