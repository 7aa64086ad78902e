// One line of anything: an error or a record, whose views lie in the line and lose nothing; and what is made of its
// values does not fall over.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "processors/audit/args.h"
#include "processors/audit/record.h"
#include "processors/audit/sockaddr.h"
#include "support/record_checks.h"

namespace {

void check_occurrences(const std::vector<acta::audit::Field>& fields) {
  const size_t checked = fields.size() < 300 ? fields.size() : 300;
  for (size_t i = 0; i < checked; ++i) {
    uint16_t before = 0;
    for (size_t j = 0; j < i; ++j) before = static_cast<uint16_t>(before + (fields[j].key == fields[i].key ? 1 : 0));
    CHECK(fields[i].occurrence == before);
  }
}

void check_values(const std::vector<acta::audit::Field>& fields) {
  acta::audit::ExecArgs args(64);
  args.add(fields);
  size_t bytes = 0;
  for (const auto value : args.finish().values) bytes += value.size();
  CHECK(bytes <= 64);
  acta::audit::SocketAddress address;
  for (const auto& field : fields) {
    if (field.key == "saddr") acta::audit::read_sockaddr(field.value, address);
    std::string out = "kept";
    CHECK(acta::audit::decode_hex(field.value, out) == acta::audit::is_hex(field.value));
    CHECK(acta::audit::is_hex(field.value) ? out.size() == field.value.size() / 2 : out == "kept");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of the exact size: a look past its end is found.
  const auto copy = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(copy.get(), data, size);
  const auto record = acta::audit::parse_record({copy.get(), size});
  if (!record) {
    CHECK(record.error().code == acta::Errc::corrupt && !record.error().what.empty());
    return 0;
  }
  CHECK(acta::test::head_is_sound(*record));
  std::vector<acta::audit::Field> fields;
  acta::audit::split_fields(*record, fields);
  CHECK(acta::test::fields_are_sound(record->body, fields));
  check_occurrences(fields);
  check_values(fields);
  acta::audit::split_enriched(*record, fields);
  CHECK(acta::test::fields_are_sound(record->enriched, fields));
  return 0;
}
