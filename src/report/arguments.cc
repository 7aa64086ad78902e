#include "report/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/spelling.h"

namespace acta::report {
namespace {

constexpr size_t kNamesWidth = 34;

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

const ArgumentOption* find(const std::vector<ArgumentOption>& options, std::string_view name) {
  const auto found = std::ranges::find_if(options, [name](const ArgumentOption& option) {
    return std::ranges::find(option.names, name) != option.names.end();
  });
  return found == options.end() ? nullptr : &*found;
}

tl::unexpected<Error> unknown(const std::vector<ArgumentOption>& options, std::string_view word) {
  std::vector<std::string_view> known;
  for (const ArgumentOption& option : options) known.insert(known.end(), option.names.begin(), option.names.end());
  return fail(Errc::config, fmt::format("there is no option '{}'{}", word, did_you_mean(word, known)));
}

/// Splits "-mc" into "-m" and "-c", "-e5" into "-e" and "5"; false when its first letter is no option.
bool split_letters(Arguments& arguments, const std::vector<ArgumentOption>& options, std::string_view word) {
  if (word.size() < 3 || word[1] == '-') return false;
  const ArgumentOption* first = find(options, word.substr(0, 2));
  if (first == nullptr) return false;
  const std::string rest(word.substr(2));
  arguments.put_back(first->value.empty() ? "-" + rest : rest);
  arguments.put_back(std::string(word.substr(0, 2)));
  return true;
}

/// Splits "--name=value"; false when there is no such option with a value.
bool split_value(Arguments& arguments, const std::vector<ArgumentOption>& options, std::string_view word) {
  const size_t at = word.find('=');
  if (!word.starts_with("--") || at == std::string_view::npos) return false;
  const ArgumentOption* option = find(options, word.substr(0, at));
  if (option == nullptr || option->value.empty()) return false;
  arguments.put_back(std::string(word.substr(at + 1)));
  arguments.put_back(std::string(word.substr(0, at)));
  return true;
}

}  // namespace

Result<std::string> Arguments::value(std::string_view option) {
  if (done()) return fail(Errc::config, fmt::format("option '{}' needs a value", option));
  return take();
}

Result<std::vector<std::string>> Arguments::values(std::string_view option) {
  std::vector<std::string> found;
  while (!done() && !is_option(peek())) found.push_back(take());
  if (found.empty()) return fail(Errc::config, fmt::format("option '{}' needs a value", option));
  return found;
}

ArgumentOption flag_option(std::vector<std::string> names, std::string help, bool& flag) {
  return {.names = std::move(names), .help = std::move(help), .take = [&flag](Arguments&) -> Result<> {
            flag = true;
            return {};
          }};
}

ArgumentOption text_option(std::vector<std::string> names, std::string value, std::string help, std::string& text) {
  const std::string name = names.back();
  return {.names = std::move(names),
          .value = std::move(value),
          .help = std::move(help),
          .take = [&text, name](Arguments& arguments) -> Result<> {
            auto taken = arguments.value(name);
            if (!taken) return tl::unexpected(taken.error());
            text = std::move(*taken);
            return {};
          }};
}

ArgumentOption count_option(std::vector<std::string> names, std::string help, uint64_t& number) {
  const std::string name = names.back();
  return {.names = std::move(names),
          .value = "N",
          .help = std::move(help),
          .take = [&number, name](Arguments& arguments) -> Result<> {
            const auto taken = arguments.value(name);
            if (!taken) return tl::unexpected(taken.error());
            const auto read = std::from_chars(taken->data(), taken->data() + taken->size(), number);
            if (read.ec == std::errc{} && read.ptr == taken->data() + taken->size()) return {};
            return fail(Errc::config, fmt::format("option '{}' needs a number, not '{}'", name, *taken));
          }};
}

Result<std::vector<std::string>> read_arguments(Arguments& arguments, const std::vector<ArgumentOption>& options,
                                                Letters letters) {
  std::vector<std::string> operands;
  while (!arguments.done()) {
    const std::string word = arguments.take();
    if (word == "--") {
      while (!arguments.done()) operands.push_back(arguments.take());
    } else if (!is_option(word)) {
      operands.push_back(word);
    } else if (const ArgumentOption* option = find(options, word); option != nullptr) {
      if (auto taken = option->take(arguments); !taken) return tl::unexpected(taken.error());
    } else if (!split_value(arguments, options, word) &&
               (letters == Letters::alone || !split_letters(arguments, options, word))) {
      return unknown(options, word);
    }
  }
  return operands;
}

std::string help_text(const std::vector<ArgumentOption>& options) {
  std::string text;
  for (const ArgumentOption& option : options) {
    std::string names = "  " + fmt::format("{}", fmt::join(option.names, ", "));
    if (!option.value.empty()) names += " " + option.value;
    if (names.size() >= kNamesWidth) names += "\n" + std::string(kNamesWidth - 1, ' ');
    text += fmt::format("{:<{}} {}\n", names, kNamesWidth - 1, option.help);
  }
  return text;
}

}  // namespace acta::report
