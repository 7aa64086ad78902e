#include <cstdio>

#include "app/load.h"
#include "app/spool.h"
#include "app/spool_place.h"

namespace acta {

int run_spool_verify(const SpoolOptions& options) {
  PosixFs fs;
  const auto place = find_spool(fs, options);
  if (!place) return print_error(place.error());
  const auto survey = spool::survey(fs, place->writer.directory, place->writer.master, spool::Depth::all);
  if (!survey) return print_error(survey.error());
  print_survey(*survey, options.json);
  if (!options.json) std::puts(survey->good() ? "Spool OK" : "Spool DAMAGED");
  return survey->good() ? 0 : 1;
}

}  // namespace acta
