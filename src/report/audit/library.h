#pragma once
#include <string>
#include <string_view>

namespace acta::report::audit {

/// Keystrokes in hexadecimal as text, by libauparse: "ls",<ret>.
std::string keystrokes(std::string_view hex);

}  // namespace acta::report::audit
