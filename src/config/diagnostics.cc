#include "config/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace acta::config {
namespace {
constexpr size_t kQuotedMax = 200;  // bytes of the file in a message
}  // namespace

void Diagnostics::add(const Location& at, std::string text) {
  problems_.push_back({std::string(at.source), at.line, at.column, std::move(text)});
}

Error Diagnostics::error() const {
  std::vector<Problem> sorted = problems_;
  // Overrides (line 0) come after the file.
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tuple(a.line == 0, a.line, a.column) < std::tuple(b.line == 0, b.line, b.column);
  });
  std::string what;
  for (size_t i = 0; i < std::min(sorted.size(), kShownMax); ++i) {
    if (i > 0) what += '\n';
    const Problem& p = sorted[i];
    what += p.source.empty() ? p.text : to_string(Location{p.source, p.line, p.column}) + ": " + p.text;
  }
  if (sorted.size() > kShownMax) what += fmt::format("\nand {} more", sorted.size() - kShownMax);
  return Error{Errc::config, 0, std::move(what)};
}

std::string printable(std::string_view text) {
  std::string out;
  const bool cut = text.size() > kQuotedMax;
  for (const char c : text.substr(0, kQuotedMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (cut) out += "…";
  return out;
}

std::string quoted(const Node& node) {
  return node.secret ? "the value" : fmt::format("'{}'", printable(node.text));
}

}  // namespace acta::config
