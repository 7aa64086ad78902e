#pragma once
#include <functional>
#include <string>

#include "base/fs.h"

namespace acta::test {

/// A file system that writes something else than it is given: how a bug in what is written is put in from outside.
/// `under` outlives it.
class TamperFs final : public Fs {
 public:
  using Change = std::function<std::string(const std::string& path, std::string_view bytes)>;

  TamperFs(Fs& under, Change change) : under_(under), change_(std::move(change)) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<FileStat> stat(const std::string& path) override { return under_.stat(path); }
  Result<> rename(const std::string& from, const std::string& to) override { return under_.rename(from, to); }
  Result<> remove(const std::string& path) override { return under_.remove(path); }
  Result<> sync_dir(const std::string& directory) override { return under_.sync_dir(directory); }
  Result<std::vector<std::string>> list(const std::string& directory) override { return under_.list(directory); }
  Result<> make_dirs(const std::string& directory) override { return under_.make_dirs(directory); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return under_.lock(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return under_.free_bytes(path); }

 private:
  class TamperFile;
  Fs& under_;
  Change change_;
};

}  // namespace acta::test
