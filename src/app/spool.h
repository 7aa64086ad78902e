#pragma once
#include "app/options.h"

namespace acta {

/// What `actabeat spool` does. Print to standard output, errors to standard error; return the exit status. inspect,
/// verify and export take no lock and change nothing: they are safe beside a running agent.

/// Segments, outputs and what waits, as headers say.
int run_spool_inspect(const SpoolOptions& options);
/// The same after reading everything; status 1 when something is damaged or missing.
int run_spool_verify(const SpoolOptions& options);
/// Documents, one a line. Status 1 when some of them are damaged.
int run_spool_export(const SpoolOptions& options);
/// Takes out what every output has, and joins small segments. Needs the agent stopped.
int run_spool_compact(const SpoolOptions& options);
/// Sends the rejected documents of one output once more. Status 1 when some are left.
int run_replay_dead_letters(const SpoolOptions& options);

}  // namespace acta
