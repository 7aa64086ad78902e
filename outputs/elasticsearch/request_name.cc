#include "outputs/elasticsearch/request_name.h"

#include <unistd.h>

#include <array>
#include <random>

namespace acta {
namespace {

/// A process has no number that a later one cannot have: in a container it is always 1.
const std::string& this_process() {
  static const std::string mark = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
  return mark;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "host";
  std::string host(name.data());
  for (char& c : host) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  return host;
}

}  // namespace

RequestName::RequestName(uint64_t number)
    : prefix_("actabeat/" + host_name() + "/"), process_(this_process()), number_(std::to_string(number)) {}

bool RequestName::in(std::string_view tasks) const {
  for (size_t at = tasks.find(prefix_); at != std::string_view::npos; at = tasks.find(prefix_, at + 1)) {
    std::string_view name = tasks.substr(at + prefix_.size());
    name = name.substr(0, name.find('"'));
    const size_t slash = name.find('/');
    if (slash == std::string_view::npos) continue;
    if (name.substr(0, slash) != process_ || name.substr(slash + 1) == number_) return true;
  }
  return false;
}

}  // namespace acta
