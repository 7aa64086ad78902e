#pragma once
#include "app/options.h"

namespace acta {

/// Print to standard output; return the exit status.

/// The effective configuration: every option with its value, defaults too; secrets hidden. It can be loaded again.
int run_export_config(const ExportOptions& options);
/// Every field that a document can have.
int run_export_fields(const ExportOptions& options);
/// A JSON schema of the configuration in its nested form.
int run_export_schema();

}  // namespace acta
