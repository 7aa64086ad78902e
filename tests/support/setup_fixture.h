#pragma once
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <string>

#include "support/command.h"
#include "support/server.h"
#include "support/temp_dir.h"

namespace acta::test {

/// `actabeat setup` and its kin against a real server. The test's own requests go by curl(1), which shares nothing with
/// what is tested.
class SetupFixture : public testing::TestWithParam<ServerKind> {
 protected:
  /// The body of the answer, and nothing else.
  [[nodiscard]] std::string curl(const Server& server, const std::string& method, const std::string& path,
                                 const std::string& body = "") const;
  /// The same as JSON; fails the test when it is none.
  [[nodiscard]] rapidjson::Document json(const Server& server, const std::string& method, const std::string& path,
                                         const std::string& body = "") const;
  /// Takes everything of ours off the server.
  void clean(const Server& server) const;
  /// A configuration for it; `more` is appended. Returns its path.
  [[nodiscard]] std::string config_of(const Server& server, const std::string& more = "",
                                      const std::string& user = "") const;
  /// The built actabeat with that configuration, both its outputs.
  static Ran run(const std::string& command, const std::string& config);

  TempDir dir_;
};

std::string to_text(const rapidjson::Value& json);

}  // namespace acta::test
