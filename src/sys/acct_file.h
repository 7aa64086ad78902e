#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace acta::accounting {

/// How records lie in an accounting file (acct(5), include/uapi/linux/acct.h): no header, one after the other, appended
/// whole by the kernel. A full disk can leave a torn one, after which all others are shifted; a crash can leave NULs.
/// All functions are pure: what a file is cut into depends on its bytes alone, never on how much of it was read at
/// once.

/// The longest record of any version.
inline constexpr size_t kRecordSizeMax = 64;

/// The longest stretch that is given as one piece when no record is found in it.
inline constexpr size_t kPieceSizeMax = 4096;

/// Size of the record that starts here, by the version in its byte 1: 64; 62 for version 1 (m68k, whose structures are
/// packed to two bytes), or 64 where two NULs pad it. None for versions that are not known. Needs all bytes of the
/// record, or two for a size without the look at the padding.
std::optional<size_t> record_size(std::string_view bytes);

/// True when the bytes start with what can be a whole record as the kernel writes it: a known version, known flags, a
/// start time, a name that is filled up with NULs.
bool may_be_record(std::string_view bytes);

/// True when they certainly do: may_be_record, with process ids and an exit status that Linux gives, and a name without
/// control characters. Users name their processes: of others (an empty name is one) cut() asks that the records around
/// them fit.
bool is_record(std::string_view bytes);

/// What the bytes start with.
struct Cut {
  enum class What : unsigned char {
    record,  ///< a record of `size` bytes
    piece,   ///< `size` bytes that are no record: torn, of an unknown version, or noise
    more     ///< cannot be told before there are more bytes
  };
  What what = What::more;
  size_t size = 0;
};

/// Cuts the next record or piece off the start of `bytes`. With `last` nothing comes after them and the answer is never
/// `more`, unless they are empty. A piece ends where a record starts.
Cut cut(std::string_view bytes, bool last);

}  // namespace acta::accounting
