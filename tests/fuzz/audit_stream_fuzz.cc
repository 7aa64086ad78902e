// What comes over the audit socket and in rule files: datagrams of anything, and lines of anything, give a record, an
// error or nothing. The first byte chooses which.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sys/audit/frame.h"
#include "sys/audit/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    const acta::kaudit::Frame frame = acta::kaudit::read_frame(input);
    CHECK(frame.text.empty() ||
          (frame.text.data() >= input.data() && frame.text.data() + frame.text.size() <= input.data() + input.size()));
    static_cast<void>(acta::kaudit::serial_of(frame.text));
    CHECK(!acta::kaudit::record_head(frame.type).empty());
    return 0;
  }
  static_cast<void>(acta::kaudit::print_rule(std::string(input)));
  const auto script = acta::kaudit::parse_rules(input, "fuzz");
  for (const auto& rule : script.rules) {
    CHECK(acta::kaudit::same_rule(rule.bytes, rule.bytes));
    static_cast<void>(acta::kaudit::print_rule(rule.bytes));
  }
  return 0;
}
