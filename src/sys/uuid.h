#pragma once
#include <string>
#include <string_view>

namespace acta {

/// UUIDv5 (RFC 4122 section 4.3) of `name` in the name space of the host id: its 16 bytes when it is a UUID or a
/// machine id (32 hexadecimal digits, dashes or not), else the UUIDv5 of the id in a name space of ours.
std::string uuid5(std::string_view host_id, std::string_view name);

/// A random UUIDv4.
std::string uuid4();

/// True for 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text);

}  // namespace acta
