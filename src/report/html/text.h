#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta::report::html {

/// Any bytes as text of an HTML or XML document, in content and in attributes: markup is escaped, what is no UTF-8 and
/// control characters become U+FFFD, and characters that turn the direction of writing around, too: they could make a
/// name look like another.
std::string text(std::string_view bytes);

/// "12,345"
std::string grouped(uint64_t number);

}  // namespace acta::report::html
