#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "config/option.h"

namespace acta {

/// A component as far as its configuration goes: Component<T> without its kind, so that the loader knows no contract.
struct CatalogEntry {
  std::string_view name;
  std::string_view summary;
  std::span<const Option> options;
};

/// What can be configured: made of the registries by the app (app/components.h), or by a test. Sorted by name.
struct Catalog {
  std::vector<CatalogEntry> inputs;
  std::vector<CatalogEntry> processors;
  std::vector<CatalogEntry> outputs;
  std::span<const Option> delivery{};  ///< what every output takes beside its own options: the runner's
  std::span<const Option> kibana{};    ///< below setup.kibana: where dashboards go
};

/// The entry of that name, or null.
inline const CatalogEntry* find_entry(const std::vector<CatalogEntry>& entries, std::string_view name) {
  for (const CatalogEntry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace acta
