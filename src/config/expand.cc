#include "config/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "event/utf8.h"

namespace acta {

Result<std::optional<Variable>> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return Variable{.value = value};
}

namespace config {
namespace {

constexpr int kNestingMax = 8;
constexpr size_t kValueBytesMax = 64u << 10;

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

/// Offset of the '}' that ends the reference whose content begins at `from`; npos when there is none.
size_t end_of_reference(std::string_view text, size_t from) {
  int depth = 1;
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
      ++i;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

struct Expander {
  const VariableLookup& variables;
  std::string problem{};  // of the value at hand; empty while all is well
  bool secret = false;    // a variable was

  /// Appends what "NAME", "NAME:default" or "NAME:?message" stands for.
  void reference(std::string_view content, int nesting, std::string& out) {
    const size_t colon = content.find(':');
    const std::string_view name = content.substr(0, colon);
    if (!is_name(name)) {
      problem = fmt::format("'${{{}}}' is no reference to a variable; write $${{ for ${{ itself", printable(content));
      return;
    }
    const auto value = variables(name);
    if (!value) {
      problem = fmt::format("variable '{}': {}", name, value.error().what);
    } else if (*value) {
      if (!is_utf8((*value)->value)) problem = fmt::format("the value of variable '{}' is not valid UTF-8", name);
      out += (*value)->value;
      secret = secret || (*value)->secret;
    } else if (colon == std::string_view::npos) {
      problem = fmt::format(
          "variable '{0}' is not set; set it, put it into the keystore, or give a default: ${{{0}:default}}", name);
    } else if (content.substr(colon + 1).starts_with('?')) {
      problem = fmt::format("variable '{}' is not set: {}", name, printable(content.substr(colon + 2)));
    } else {
      text(content.substr(colon + 1), nesting + 1, out);
    }
  }

  void text(std::string_view rest, int nesting, std::string& out) {
    if (nesting > kNestingMax) {
      problem = fmt::format("more than {} references inside each other", kNestingMax);
      return;
    }
    while (!rest.empty() && problem.empty()) {
      const size_t at = rest.find("${");
      if (at == std::string_view::npos) {
        out += rest;
        break;
      }
      if (at > 0 && rest[at - 1] == '$') {
        out += rest.substr(0, at - 1);
        out += "${";
        rest.remove_prefix(at + 2);
        continue;
      }
      out += rest.substr(0, at);
      const size_t end = end_of_reference(rest, at + 2);
      if (end == std::string_view::npos) {
        problem = "'${' has no '}'; write $${ for ${ itself";
        return;
      }
      reference(rest.substr(at + 2, end - at - 2), nesting, out);
      rest.remove_prefix(end + 1);
      if (out.size() > kValueBytesMax)
        problem = fmt::format("longer than {} bytes once its variables are in", kValueBytesMax);
    }
  }
};

void expand_scalar(Node& node, const VariableLookup& variables, Diagnostics& problems) {
  if (node.text.find("${") == std::string::npos) return;
  const bool whole = node.text.starts_with("${") && end_of_reference(node.text, 2) == node.text.size() - 1;
  Expander expander{variables};
  std::string out;
  expander.text(node.text, 0, out);
  if (!expander.problem.empty()) {
    problems.add(node.at, expander.problem);
    node.kind = Node::Kind::null;
    node.unresolved = true;
    return;
  }
  node.text = std::move(out);
  node.expanded = whole;
  node.secret = expander.secret;
  if (whole) node.quoted = false;
  if (node.text.empty() && whole) node.kind = Node::Kind::null;
}

}  // namespace

void expand_variables(Node& node, const VariableLookup& variables, Diagnostics& problems) {
  if (node.kind == Node::Kind::scalar) expand_scalar(node, variables, problems);
  for (Node& item : node.items) expand_variables(item, variables, problems);
  for (Node::Entry& entry : node.entries) expand_variables(entry.value, variables, problems);
}

}  // namespace config
}  // namespace acta
