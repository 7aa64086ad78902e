#pragma once
#include <string_view>

#include "event/event.h"

namespace acta::audit {

/// `name` as an absolute path without ".", ".." and doubled or trailing slashes, joined with `base` when it is
/// relative. ".." takes away the component before it by its text, as auditd's own tools do: the log does not say what
/// is a symbolic link. A relative name without an absolute base stays as it is. The bytes are those of `name`, or in
/// `arena`.
std::string_view absolute_path(std::string_view base, std::string_view name, Arena& arena);

/// What follows the last slash.
std::string_view base_name(std::string_view path);
/// What precedes it: "/" for files in the root, empty when there is no slash.
std::string_view directory_of(std::string_view path);
/// After the last dot of a file's name, without it; empty when there is none but at its beginning or end.
std::string_view extension_of(std::string_view name);

}  // namespace acta::audit
