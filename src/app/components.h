#pragma once
#include <memory>
#include <vector>

#include "config/catalog.h"
#include "config/config.h"
#include "event/route.h"
#include "inputs/input.h"
#include "outputs/output.h"
#include "processors/processor.h"

namespace acta {

/// Everything that is registered.
Catalog make_catalog();

/// Makes components of their configuration. Errors begin with where the component stands in the file.
Result<std::unique_ptr<Input>> make_input(const InputConfig& config);
Result<std::unique_ptr<Output>> make_output(const OutputConfig& config);
/// The fields of documents that an output wants in Meta::routes. Fails for one that documents do not have.
Result<std::vector<Route>> routes_of(const Output& output, const OutputConfig& config);
/// All processors in order, with their conditions.
Result<std::vector<std::unique_ptr<Processor>>> make_processors(const std::vector<ProcessorConfig>& config);

}  // namespace acta
