#include "app/load.h"
#include "app/spool.h"
#include "app/spool_place.h"

namespace acta {

int run_spool_inspect(const SpoolOptions& options) {
  PosixFs fs;
  const auto place = find_spool(fs, options);
  if (!place) return print_error(place.error());
  const auto survey = spool::survey(fs, place->writer.directory, place->writer.master, spool::Depth::headers);
  if (!survey) return print_error(survey.error());
  print_survey(*survey, options.json);
  return 0;
}

}  // namespace acta
