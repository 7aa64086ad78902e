#include "support/fault_fs.h"

#include <cerrno>

namespace acta::test {

class FaultFs::FaultFile final : public File {
 public:
  FaultFile(FaultFs& fs, std::unique_ptr<File> under) : fs_(fs), under_(std::move(under)) {}

  Result<> append(std::string_view bytes) override {
    const bool dead = fs_.calls_left && *fs_.calls_left == 0;
    if (auto done = fs_.check(Op::append, "cannot write"); !done) {
      if (dead) return done;
      static_cast<void>(under_->append(bytes.substr(0, bytes.size() / 2)));
      return done;
    }
    if (!fs_.room) return under_->append(bytes);
    const std::string_view fits = bytes.substr(0, static_cast<size_t>(*fs_.room));
    *fs_.room -= fits.size();
    auto done = under_->append(fits);
    if (done && fits.size() < bytes.size()) return fail_errno("cannot write", ENOSPC);
    return done;
  }
  Result<> sync() override {
    if (fs_.before_sync) fs_.before_sync();
    if (auto done = fs_.check(Op::sync, "cannot sync"); !done) return done;
    return under_->sync();
  }
  Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
    if (auto done = fs_.check(Op::read, "cannot read"); !done) return tl::unexpected(done.error());
    return under_->read_at(offset, into, size);
  }
  Result<> truncate(uint64_t size) override {
    if (auto done = fs_.check(Op::truncate, "cannot cut"); !done) return done;
    return under_->truncate(size);
  }
  Result<FileStat> stat() override {
    if (auto done = fs_.check(Op::file_stat, "cannot stat"); !done) return tl::unexpected(done.error());
    return under_->stat();
  }
  Result<> set_mode(uint32_t mode) override {
    if (auto done = fs_.check(Op::set_mode, "cannot change the mode"); !done) return done;
    return under_->set_mode(mode);
  }
  Result<> link(const std::string& path) override {
    if (auto done = fs_.check(Op::link, "cannot link"); !done) return done;
    return under_->link(path);
  }

 private:
  FaultFs& fs_;
  std::unique_ptr<File> under_;
};

Result<> FaultFs::check(Op op, const char* what) {
  const auto at = static_cast<size_t>(op);
  ++calls_[at];
  if (calls_left) {
    if (*calls_left == 0) return fail_errno(what, EIO);
    if (--*calls_left == 0 && op == Op::append) return fail_errno(what, EIO);
  }
  Plan& plan = plan_[at];
  if (plan.times > 0) {
    if (plan.skip > 0) {
      --plan.skip;
    } else {
      --plan.times;
      ++failures_;
      return fail_errno(what, plan.sys);
    }
  }
  constexpr int kErrors[] = {EIO, ENOSPC, EROFS, EACCES, EDQUOT};
  if (random_ != nullptr && (*random_)() % one_in_ == 0) {
    ++failures_;
    return fail_errno(what, kErrors[(*random_)() % std::size(kErrors)]);
  }
  return {};
}

Result<std::unique_ptr<File>> FaultFs::open(const std::string& path, OpenMode mode) {
  if (auto done = check(Op::open, "cannot open"); !done) return tl::unexpected(done.error());
  auto file = under_.open(path, mode);
  if (!file) return file;
  return std::make_unique<FaultFile>(*this, std::move(*file));
}

Result<std::unique_ptr<File>> FaultFs::open_unnamed(const std::string& directory) {
  if (auto done = check(Op::open_unnamed, "cannot make an unnamed file"); !done) return tl::unexpected(done.error());
  auto file = under_.open_unnamed(directory);
  if (!file) return file;
  return std::make_unique<FaultFile>(*this, std::move(*file));
}

Result<FileStat> FaultFs::stat(const std::string& path) {
  if (auto done = check(Op::stat, "cannot stat"); !done) return tl::unexpected(done.error());
  return under_.stat(path);
}

Result<> FaultFs::rename(const std::string& from, const std::string& to) {
  if (auto done = check(Op::rename, "cannot rename"); !done) return done;
  return under_.rename(from, to);
}

Result<> FaultFs::remove(const std::string& path) {
  if (auto done = check(Op::remove, "cannot remove"); !done) return done;
  return under_.remove(path);
}

Result<> FaultFs::sync_dir(const std::string& directory) {
  if (auto done = check(Op::sync_dir, "cannot sync the directory"); !done) return done;
  return under_.sync_dir(directory);
}

Result<std::vector<std::string>> FaultFs::list(const std::string& directory) {
  if (auto done = check(Op::list, "cannot list"); !done) return tl::unexpected(done.error());
  return under_.list(directory);
}

Result<> FaultFs::make_dirs(const std::string& directory) {
  if (auto done = check(Op::make_dirs, "cannot make directories"); !done) return done;
  return under_.make_dirs(directory);
}

Result<std::unique_ptr<FileLock>> FaultFs::lock(const std::string& path) {
  if (auto done = check(Op::lock, "cannot lock"); !done) return tl::unexpected(done.error());
  return under_.lock(path);
}

}  // namespace acta::test
