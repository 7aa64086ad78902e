#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace acta::report {

/// The words of a command line, read from left to right. A value.
class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {}

  [[nodiscard]] bool done() const { return at_ == words_.size(); }
  /// The next word, "" at the end; take() also passes it.
  [[nodiscard]] std::string_view peek() const { return done() ? std::string_view() : words_[at_]; }
  std::string take() { return done() ? std::string() : words_[at_++]; }
  /// The value of `option`: the next word, whatever it begins with. Errc::config when there is none.
  Result<std::string> value(std::string_view option);
  /// All words up to the next option ("-" is none) or "--". Errc::config when there is none.
  Result<std::vector<std::string>> values(std::string_view option);
  /// Puts a word before the next one.
  void put_back(std::string word) { words_.insert(words_.begin() + static_cast<ptrdiff_t>(at_), std::move(word)); }

 private:
  std::vector<std::string> words_;
  size_t at_ = 0;
};

/// An option of a command that takes the options of a classic tool: such as -ts, which no usual parser of options
/// reads.
struct ArgumentOption {
  std::vector<std::string> names{};  ///< with their dashes: "-ts", "--start"
  std::string value{};               ///< what it takes, for the help: "[DATE] [TIME]"; empty: nothing
  std::string help{};
  std::function<Result<>(Arguments&)> take{};  ///< the option is passed; reads its value and keeps it
};

/// Options that only set something.
ArgumentOption flag_option(std::vector<std::string> names, std::string help, bool& flag);
ArgumentOption text_option(std::vector<std::string> names, std::string value, std::string help, std::string& text);
ArgumentOption count_option(std::vector<std::string> names, std::string help, uint64_t& number);

/// Whether single letters may be written together, as getopt(3) has it: -mc for -m -c, -e5 for -e 5.
enum class Letters : uint8_t { alone, together };

/// Reads all words, and returns those that belong to no option (all after "--" do not). --name=value is --name value.
/// Errc::config names an option that is not known and the nearest that is.
Result<std::vector<std::string>> read_arguments(Arguments& arguments, const std::vector<ArgumentOption>& options,
                                                Letters letters = Letters::alone);

/// A line or two for each option.
std::string help_text(const std::vector<ArgumentOption>& options);

}  // namespace acta::report
