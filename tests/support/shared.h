#pragma once
#include <optional>
#include <string>

namespace acta::test {

/// Path of the folder with upstream test material, when there is one: $ACTA_SHARED, else ../shared beside the source
/// tree. Tests that need it skip loudly without it: SKIP_WITHOUT_SHARED(dir).
std::optional<std::string> shared_dir();

/// A file of the source tree.
std::string source_path(const std::string& relative);

/// The agent of this build tree.
std::string program_path();

}  // namespace acta::test

#define SKIP_WITHOUT_SHARED(dir)               \
  const auto dir = ::acta::test::shared_dir(); \
  if (!dir) GTEST_SKIP() << "LOUD SKIP: upstream test material is absent; set ACTA_SHARED to its folder"
