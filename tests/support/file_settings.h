#pragma once
#include <string>

#include "config/option.h"

namespace acta::test {

/// Settings of the file output for tests: as its defaults, but given as values.
struct FileOutputSettings {
  std::string path = "/out";
  std::string filename = "actabeat";
  int64_t rotate_every_kb = 0;
  Nanos rotate_interval = 0;
  int64_t number_of_files = 0;
  std::string permissions = "0600";
  std::string compression = "none";
  std::string sync = "batch";

  [[nodiscard]] Settings settings() const {
    Settings all;
    all.set("path", path);
    all.set("filename", filename);
    all.set("rotate_every_kb", rotate_every_kb);
    all.set("rotate_interval", rotate_interval);
    all.set("number_of_files", number_of_files);
    all.set("permissions", permissions);
    all.set("compression", compression);
    all.set("sync", sync);
    return all;
  }
};

}  // namespace acta::test
