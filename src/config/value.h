#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/option.h"

namespace acta::config {

/// Decimal, 0x…, and as in YAML 1.1 0… and 0o… octal; with a sign. Nothing when it is none or does not fit.
std::optional<int64_t> parse_integer(std::string_view text);
/// Decimal fraction, finite.
std::optional<double> parse_number(std::string_view text);
/// true yes on, false no off; in lower case, capitals or with a capital.
std::optional<bool> parse_boolean(std::string_view text);
/// "1h30m", "1.5s", "200ms" (ns us ms s m h); a bare number is seconds. In nanoseconds.
std::optional<Nanos> parse_duration(std::string_view text);
/// "10MB", "64KiB", "1.5G" (powers of 1024); a bare number is bytes.
std::optional<int64_t> parse_bytes(std::string_view text);

/// The shortest exact way to write them: "1m30s", "10MB".
std::string format_duration(Nanos value);
std::string format_bytes(int64_t value);

/// A value as one would write it in YAML, on one line (flow style for lists and maps).
std::string format_value(Option::Type type, const Settings::Value& value);
/// Text as a YAML scalar that reads back as the same text: plain where that is safe, else in double quotes.
std::string format_text(std::string_view text);
/// The same as the key of a flow mapping, with "? " before one that is too long for YAML to see the ':' behind it.
std::string format_key(std::string_view text);

/// "a duration such as 10s": what is expected, for messages and documentation.
std::string_view describe(Option::Type type);
/// "duration": the name of the type in documentation.
std::string_view type_name(Option::Type type);

}  // namespace acta::config
