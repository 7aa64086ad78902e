#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "config/option.h"

namespace acta {

/// A plug-in as data. `make` builds one from checked settings; it may still refuse what a table cannot say.
template <class T>
struct Component {
  std::string_view name;     ///< the `type` of an input, the key below `output.` or in `processors`
  std::string_view summary;  ///< one sentence
  std::span<const Option> options;
  Result<std::unique_ptr<T>> (*make)(const Settings&);
};

/// All plug-ins of a kind. Filled by Register before main; read by any thread after.
template <class T>
class Registry {
 public:
  static std::vector<const Component<T>*>& all() {
    static std::vector<const Component<T>*> components;
    return components;
  }
  static const Component<T>* find(std::string_view name) {
    for (const Component<T>* c : all()) {
      if (c->name == name) return c;
    }
    return nullptr;
  }
};

/// One at namespace scope in the plug-in's file registers it. Two of one name abort.
template <class T>
struct Register {
  explicit Register(const Component<T>& component) {
    CHECK(Registry<T>::find(component.name) == nullptr);
    Registry<T>::all().push_back(&component);
  }
};

}  // namespace acta
