#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace acta {

/// Where names and ids are looked up: the host's name services, or a test's. May take as long as it likes; one thread,
/// never the pipeline's.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual std::optional<std::string> user_name(uint32_t uid) = 0;
  virtual std::optional<std::string> group_name(uint32_t gid) = 0;
  virtual std::optional<uint32_t> user_id(const std::string& name) = 0;
  virtual std::optional<uint32_t> group_id(const std::string& name) = 0;
};

/// getpwuid_r(3) and its kin.
std::unique_ptr<NameSource> name_services();

}  // namespace acta
