#include "processors/audit/path.h"

#include <cstring>

namespace acta::audit {
namespace {

// Nothing to take away: no "//", no component that is "." or "..", no slash at the end.
bool is_clean(std::string_view path) {
  if (path.size() > 1 && path.back() == '/') return false;
  for (size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', at + 1)) {
    const std::string_view rest = path.substr(at + 1);
    if (rest.starts_with('/')) return false;
    if (!rest.starts_with('.')) continue;
    if (rest.size() == 1 || rest[1] == '/') return false;
    if (rest[1] == '.' && (rest.size() == 2 || rest[2] == '/')) return false;
  }
  return true;
}

// Appends the components of `path` to the clean absolute path in [begin, end); returns the new end.
char* append_components(char* begin, char* end, std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      while (end > begin && *--end != '/') {
      }
      continue;
    }
    *end++ = '/';
    std::memcpy(end, component.data(), component.size());
    end += component.size();
  }
  return end;
}

}  // namespace

std::string_view absolute_path(std::string_view base, std::string_view name, Arena& arena) {
  if (name.empty()) return name;
  const bool relative = name[0] != '/';
  if (relative && !base.starts_with('/')) return name;
  if (!relative && is_clean(name)) return name;
  char* begin = arena.allocate(base.size() + name.size() + 2);
  char* end = begin;
  if (relative) end = append_components(begin, end, base);
  end = append_components(begin, end, name);
  if (end == begin) *end++ = '/';
  return {begin, static_cast<size_t>(end - begin)};
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view directory_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view extension_of(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return {};
  return name.substr(dot + 1);
}

}  // namespace acta::audit
