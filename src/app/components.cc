#include "app/components.h"

#include <algorithm>

#include "client/kibana_settings.h"
#include "pipeline/runner_options.h"
#include "processors/condition.h"
#include "processors/field_ref.h"

namespace acta {
namespace {

template <class T>
std::vector<CatalogEntry> entries() {
  std::vector<CatalogEntry> all;
  for (const Component<T>* component : Registry<T>::all()) {
    all.push_back({component->name, component->summary, component->options});
  }
  std::sort(all.begin(), all.end(), [](const CatalogEntry& a, const CatalogEntry& b) { return a.name < b.name; });
  return all;
}

template <class T>
Result<std::unique_ptr<T>> make(const std::string& type, const Settings& settings, const std::string& where) {
  const Component<T>* component = Registry<T>::find(type);
  CHECK(component != nullptr);
  auto made = component->make(settings);
  if (!made) return fail(made.error().code, where + ": " + type + ": " + made.error().what, made.error().sys);
  return made;
}

}  // namespace

Catalog make_catalog() {
  return {.inputs = entries<Input>(),
          .processors = entries<Processor>(),
          .outputs = entries<Output>(),
          .delivery = runner_option_table(),
          .kibana = kKibanaOptionTable};
}

Result<std::unique_ptr<Input>> make_input(const InputConfig& config) {
  return make<Input>(config.type, config.settings, config.where);
}

Result<std::unique_ptr<Output>> make_output(const OutputConfig& config) {
  return make<Output>(config.type, config.settings, config.where);
}

Result<std::vector<Route>> routes_of(const Output& output, const OutputConfig& config) {
  std::vector<Route> routes;
  for (const std::string& name : output.fields()) {
    auto field = resolve_field(name);
    if (!field) return fail(field.error().code, config.where + ": " + config.type + ": " + field.error().what);
    routes.push_back({name, field->id, field->key});
  }
  return routes;
}

Result<std::vector<std::unique_ptr<Processor>>> make_processors(const std::vector<ProcessorConfig>& config) {
  std::vector<std::unique_ptr<Processor>> processors;
  for (const ProcessorConfig& step : config) {
    auto made = make<Processor>(step.type, step.settings, step.where);
    if (!made) return tl::unexpected(made.error());
    if (step.when) {
      auto condition = Condition::compile(*step.when);
      if (!condition) return tl::unexpected(condition.error());
      made = std::make_unique<ConditionalProcessor>(*std::move(condition), *std::move(made));
    }
    processors.push_back(*std::move(made));
  }
  return processors;
}

}  // namespace acta
