#include "config/option.h"

#include "base/check.h"

namespace acta {

template <class T>
const T& Settings::get(std::string_view key) const {
  const auto found = values_.find(key);
  CHECK(found != values_.end());
  const T* value = std::get_if<T>(&found->second);
  CHECK(value != nullptr);
  return *value;
}

template const std::string& Settings::get(std::string_view) const;
template const int64_t& Settings::get(std::string_view) const;
template const bool& Settings::get(std::string_view) const;
template const double& Settings::get(std::string_view) const;
template const std::vector<std::string>& Settings::get(std::string_view) const;
template const std::map<std::string, std::string>& Settings::get(std::string_view) const;

}  // namespace acta
