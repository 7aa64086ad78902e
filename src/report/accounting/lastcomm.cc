#include "report/accounting/lastcomm.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "report/json_line.h"
#include "report/print.h"

namespace acta::report::accounting {
namespace {

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool matches_word(const std::string& word, const Process& process) {
  return word == process.user || word == process.tty || word == process.command;
}

// The letters that flags have, by their bits, in the order of the column.
std::string flag_letters(unsigned flags) {
  constexpr std::pair<unsigned, char> kLetters[] = {{Process::kSuperuser, 'S'},
                                                    {Process::kForked, 'F'},
                                                    {Process::kCompat, 'C'},
                                                    {Process::kCore, 'D'},
                                                    {Process::kSignal, 'X'}};
  std::string letters;
  for (const auto& [bit, letter] : kLetters) letters.push_back((flags & bit) != 0 ? letter : ' ');
  return letters;
}

std::string json_line(const Process& process) {
  JsonLine line;
  std::string flags = flag_letters(process.flags);
  std::erase(flags, ' ');
  line.text("host", process.host).text("command", process.command).text("flags", flags).text("user", process.user);
  line.text("tty", process.tty);
  line.decimal("cpu_seconds", print("%.2f", (process.user_ticks + process.system_ticks) / process.ahz));
  line.number("start", process.begin);
  if (process.pid >= 0) line.number("pid", process.pid).number("parent_pid", process.parent);
  return line.line();
}

}  // namespace

bool is_wanted(const LastcommOptions& options, const Process& process) {
  if (options.words.empty() && options.users.empty() && options.ttys.empty() && options.commands.empty()) return true;
  const auto word = [&](const std::string& each) { return matches_word(each, process); };
  if (!options.strict) {
    return std::ranges::any_of(options.words, word) || has(options.ttys, process.tty) ||
           has(options.users, process.user) || has(options.commands, process.command);
  }
  return std::ranges::all_of(options.words, word) && (options.ttys.empty() || has(options.ttys, process.tty)) &&
         (options.users.empty() || has(options.users, process.user)) &&
         (options.commands.empty() || has(options.commands, process.command));
}

std::string lastcomm_line(const LastcommOptions& options, const Process& process) {
  if (options.json) return json_line(process);
  std::string command = process.command;
  if (!options.print_controls) {
    for (char& c : command) {
      if (c < ' ' || c > '~') c = '?';
    }
  }
  std::string line = options.by_host ? print("%-16.16s ", process.host.c_str()) : std::string();
  line += print("%-16.16s ", command.c_str()) + flag_letters(process.flags) + " ";
  if (options.paging) {
    line += print("%6.0fmin %6.0fmaj %4.0fswp ", process.minor_faults, process.major_faults, process.swaps);
  } else {
    line += print("%-8.8s %-8.8s ", process.user.c_str(), process.tty.c_str());
  }
  line += print("%6.2f secs %-16.16s", (process.user_ticks + process.system_ticks) / process.ahz,
                clock_text(process.begin).c_str());
  if (options.pids && process.pid >= 0)
    line += print(" %d %d", static_cast<int>(process.pid), static_cast<int>(process.parent));
  return line + "\n";
}

}  // namespace acta::report::accounting
