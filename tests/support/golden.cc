#include "support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/shared.h"

namespace acta::test {

std::string compare_golden(const std::string& relative_path, const std::string& actual) {
  const std::string path = source_path(relative_path);
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (expected == actual) return "";
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    return "";
  }
  const auto [a, b] = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
  const auto line = std::count(actual.begin(), a, '\n') + 1;
  const auto line_of = [](const std::string& text, size_t at) {
    const size_t begin = text.rfind('\n', at == 0 ? 0 : at - 1);
    const size_t from = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(from, text.find('\n', from) - from);
  };
  return relative_path + " is stale, run the test with UPDATE_GOLDEN=1; line " + std::to_string(line) + " is now\n  " +
         line_of(actual, static_cast<size_t>(a - actual.begin())) + "\ninstead of\n  " +
         line_of(expected, static_cast<size_t>(b - expected.begin()));
}

}  // namespace acta::test
