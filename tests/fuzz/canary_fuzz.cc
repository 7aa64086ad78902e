// A planted bug: the short fuzz run must find it. If it does not, the other targets prove nothing either.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8 || std::memcmp(data, "type=", 5) != 0) return 0;
  const size_t length = data[5];
  const auto copy = std::make_unique<uint8_t[]>(size);
  std::memcpy(copy.get(), data, size);
  // The bug: a length from the input is believed.
  volatile uint8_t last = copy[length];
  static_cast<void>(last);
  return 0;
}
