#pragma once
#include <cstdint>
#include <string_view>

#include "event/event.h"
#include "processors/accounting/record.h"
#include "sys/user_db.h"

namespace acta::accounting {

inline constexpr std::string_view kDataset = "actabeat.accounting";
inline constexpr std::string_view kModule = "actabeat";

/// Fills `event` with what the record says of the end of a process: the fields of ECS, and below acct. the values as
/// written, from which the figures of lastcomm(1) and sa(8) can be made again to the last digit. Sets @timestamp: the
/// end, or the start where the elapsed time is none. Borrows record.name: it must live until the event is encoded.
void fill_process_end(const Record& record, UserDb& users, Event& event);

/// Name of a terminal by its old device number, without /dev/: as lastcomm for major numbers 136 to 143, by the
/// kernel's list of devices for consoles and serial lines, else "[major,minor]". Written into `buffer` (kTtyNameMax
/// bytes). Empty for 0.
inline constexpr size_t kTtyNameMax = 24;
std::string_view tty_name(uint16_t device, char* buffer);

/// "SIGKILL", "SIGRTMIN+1"; a view that never ends.
std::string_view signal_name(unsigned signal);

/// True when each character is printable ASCII or UTF-8 beyond it (control characters U+0080 to U+009F left out).
bool is_printable_text(std::string_view text);

}  // namespace acta::accounting
