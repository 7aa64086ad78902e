#pragma once
#include <cerrno>
#include <map>
#include <set>
#include <string>

#include "base/fs.h"

namespace acta::test {

/// A file system in memory of plain maps, for fuzzing: quick to copy, nothing ever fails, nothing is lost. One thread;
/// outlives its files.
class FlatFs final : public Fs {
 public:
  std::map<std::string, std::string> files;  ///< path -> content
  std::set<std::string> directories;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const bool there = files.contains(path);
    if (!there && mode == OpenMode::read) return fail_errno("cannot open " + path, ENOENT);
    if (there && mode == OpenMode::create_new) return fail_errno("cannot open " + path, EEXIST);
    files[path];
    return std::make_unique<FlatFile>(*this, path);
  }
  Result<FileStat> stat(const std::string& path) override {
    if (directories.contains(path)) return FileStat{.directory = true};
    const auto found = files.find(path);
    if (found == files.end()) return fail_errno("cannot stat " + path, ENOENT);
    return FileStat{.size = found->second.size()};
  }
  Result<> rename(const std::string& from, const std::string& to) override {
    files[to] = std::move(files[from]);
    if (from != to) files.erase(from);
    return {};
  }
  Result<> remove(const std::string& path) override {
    if (files.erase(path) == 0) return fail_errno("cannot remove " + path, ENOENT);
    return {};
  }
  Result<> sync_dir(const std::string&) override { return {}; }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, content] : files) {
      if (parent_of(path) == directory) names.push_back(path.substr(directory.size() + 1));
    }
    return names;
  }
  Result<> make_dirs(const std::string& directory) override {
    directories.insert(directory);
    return {};
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    files[path];
    return std::make_unique<FileLock>();
  }

 private:
  class FlatFile final : public File {
   public:
    FlatFile(FlatFs& fs, std::string path) : fs_(fs), path_(std::move(path)) {}
    Result<> append(std::string_view bytes) override {
      fs_.files[path_].append(bytes);
      return {};
    }
    Result<> sync() override { return {}; }
    Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
      const std::string& bytes = fs_.files[path_];
      return offset >= bytes.size() ? 0 : bytes.copy(into, size, static_cast<size_t>(offset));
    }
    Result<> truncate(uint64_t size) override {
      fs_.files[path_].resize(static_cast<size_t>(size));
      return {};
    }
    Result<FileStat> stat() override { return fs_.stat(path_); }

   private:
    FlatFs& fs_;
    const std::string path_;
  };
};

}  // namespace acta::test
