#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace acta::audit {

/// Words that libauparse has too, made without it, because it would read past a short value, look at this host
/// (getprotobynumber, interface names), or does not know the field yet. Any thread.

/// "{ saddr_fam=inet laddr=192.0.2.1 lport=80 }" of the hex of a struct sockaddr, into `out`; false for a family whose
/// words are libauparse's. At most 128 bytes (sockaddr_storage) are read; `bytes` is scratch.
bool sockaddr_words(std::string_view hex, std::string& bytes, std::string& out);

/// True when libauparse may be asked about the address: hex, as long as the family's struct, at most sockaddr_storage.
bool is_sockaddr_for_libauparse(std::string_view hex);

/// "tcp" for 6, as /etc/protocols has it; empty when not known.
std::string_view protocol_name(uint64_t number);
/// "SOL_SOCKET", or the name of a protocol, for a level of setsockopt; empty when not known.
std::string_view socket_level_name(uint64_t level);
/// "openat" for an operation of io_uring (enum io_uring_op of linux/io_uring.h); empty when not known.
std::string_view uring_op_name(uint64_t operation);

}  // namespace acta::audit
