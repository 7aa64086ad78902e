#include "support/fake_fs.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace acta::test {
namespace {

constexpr size_t kPage = 4096;

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool coin(std::mt19937_64& random) {
  return (random() & 1) != 0;
}

}  // namespace

struct FakeFs::Inode {
  uint64_t number = 0;
  uint32_t mode = 0600;
  int64_t mtime = 0;
  std::string data;
  // The durable content is data[0, floor) + old_tail.
  size_t floor = 0;
  std::string old_tail;

  void append(std::string_view bytes) { data.append(bytes); }

  void resize(size_t size) {
    if (size < floor) {
      old_tail.insert(0, data.substr(size, floor - size));
      floor = size;
    }
    data.resize(size, '\0');
  }

  void sync() {
    floor = data.size();
    old_tail.clear();
  }

  void lose(Loss loss, std::mt19937_64& random) {
    const std::string durable = data.substr(0, floor) + old_tail;
    std::string left = data;
    if (loss == Loss::everything) left = durable;
    if (loss == Loss::random_tails || loss == Loss::random_pages) {
      const size_t size = coin(random) ? durable.size() : floor + random() % (data.size() - floor + 1);
      left.resize(size, '\0');
      if (size == durable.size() && coin(random)) left = durable;
    }
    if (loss == Loss::random_pages) {
      for (size_t page = floor / kPage * kPage; page < left.size(); page += kPage) {
        if (coin(random)) continue;
        for (size_t i = std::max(page, floor); i < std::min(page + kPage, left.size()); ++i)
          left[i] = i < durable.size() ? durable[i] : '\0';
      }
    }
    data = std::move(left);
    sync();
  }
};

struct FakeFs::Directory {
  struct Change {
    std::string gone;  // a name that goes, or ""
    std::string name;  // a name that comes, or ""
    InodePtr inode;
  };
  std::map<std::string, InodePtr> live;
  std::map<std::string, InodePtr> durable;
  std::vector<Change> changes;  // from durable to live

  static void apply(const Change& change, std::map<std::string, InodePtr>& entries) {
    if (!change.gone.empty()) entries.erase(change.gone);
    if (!change.name.empty()) entries[change.name] = change.inode;
  }

  void change(Change change) {
    apply(change, live);
    changes.push_back(std::move(change));
  }

  void sync() {
    durable = live;
    changes.clear();
  }

  void lose(Loss loss, std::mt19937_64& random) {
    const size_t kept = loss == Loss::nothing        ? changes.size()
                        : loss == Loss::random_tails ? random() % (changes.size() + 1)
                        : loss == Loss::random_pages ? changes.size()
                                                     : 0;
    for (size_t i = 0; i < kept; ++i) {
      if (loss != Loss::random_pages || coin(random)) apply(changes[i], durable);
    }
    live = durable;
    changes.clear();
  }
};

class FakeFs::FakeFile final : public File {
 public:
  FakeFile(FakeFs& fs, InodePtr inode, bool writable)
      : fs_(fs), inode_(std::move(inode)), boot_(fs.boot_), writable_(writable) {}

  Result<> append(std::string_view bytes) override {
    if (auto alive = check(true); !alive) return alive;
    const uint64_t used = fs_.used();
    const uint64_t room = fs_.capacity > used ? fs_.capacity - used : 0;
    const std::string_view fits = bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(room, bytes.size())));
    inode_->append(fits);
    inode_->mtime = fs_.now();
    fs_.appended += fits.size();
    if (fits.size() < bytes.size()) return fail_errno("cannot write", ENOSPC);
    return {};
  }

  Result<> sync() override {
    if (auto alive = check(false); !alive) return alive;
    ++fs_.syncs;
    inode_->sync();
    return {};
  }

  Result<size_t> read_at(uint64_t offset, char* into, size_t size) override {
    if (auto alive = check(false); !alive) return tl::unexpected(alive.error());
    if (offset >= inode_->data.size()) return 0;
    return inode_->data.copy(into, size, static_cast<size_t>(offset));
  }

  Result<> truncate(uint64_t size) override {
    if (auto alive = check(true); !alive) return alive;
    inode_->resize(static_cast<size_t>(size));
    inode_->mtime = fs_.now();
    return {};
  }

  Result<FileStat> stat() override {
    if (auto alive = check(false); !alive) return tl::unexpected(alive.error());
    return FileStat{.device = 1,
                    .inode = inode_->number,
                    .size = inode_->data.size(),
                    .mtime = inode_->mtime,
                    .mode = S_IFREG | inode_->mode};
  }

  Result<> set_mode(uint32_t mode) override {
    if (auto alive = check(true); !alive) return alive;
    inode_->mode = mode;
    return {};
  }

  Result<> link(const std::string& path) override {
    if (auto alive = check(true); !alive) return alive;
    Directory* directory = fs_.directory_of(path);
    if (directory == nullptr) return fail_errno("cannot make " + path, ENOENT);
    if (fs_.exists(path)) return fail_errno("cannot make " + path, EEXIST);
    directory->change({.gone = "", .name = name_of(path), .inode = inode_});
    return {};
  }

 private:
  Result<> check(bool writes) const {
    if (boot_ != fs_.boot_) return fail(Errc::io, "the host crashed since this file was opened");
    if (writes && !writable_) return fail_errno("cannot write", EBADF);
    return {};
  }

  FakeFs& fs_;
  InodePtr inode_;
  uint64_t boot_;
  bool writable_;
};

// Given back with the objects of the process that had it.
class FakeFs::FakeLock final : public FileLock {
 public:
  FakeLock(FakeFs& fs, std::string path) : fs_(fs), path_(std::move(path)) { fs_.locked_.insert(path_); }
  ~FakeLock() override { fs_.locked_.erase(path_); }
  FakeLock(const FakeLock&) = delete;
  FakeLock& operator=(const FakeLock&) = delete;

 private:
  FakeFs& fs_;
  std::string path_;
};

FakeFs::FakeFs(const Clock* clock) : clock_(clock) {
  static_cast<void>(make_dirs("/"));
}
FakeFs::~FakeFs() = default;

FakeFs::Directory* FakeFs::directory_of(const std::string& path) {
  const auto found = directories_.find(parent_of(path));
  return found == directories_.end() ? nullptr : found->second.get();
}

FakeFs::InodePtr FakeFs::find(const std::string& path) const {
  const auto directory = directories_.find(parent_of(path));
  if (directory == directories_.end()) return nullptr;
  const auto entry = directory->second->live.find(name_of(path));
  return entry == directory->second->live.end() ? nullptr : entry->second;
}

FakeFs::InodePtr FakeFs::make_inode(uint32_t mode) {
  auto inode = std::make_shared<Inode>();
  inode->number = next_inode_++;
  inode->mode = mode;
  inode->mtime = now();
  std::erase_if(inodes_, [](const auto& weak) { return weak.expired(); });
  inodes_.push_back(inode);
  return inode;
}

uint64_t FakeFs::used() const {
  uint64_t bytes = 0;
  for (const auto& weak : inodes_) {
    if (const auto inode = weak.lock()) bytes += inode->data.size();
  }
  return bytes;
}

Result<std::unique_ptr<File>> FakeFs::open(const std::string& path, OpenMode mode) {
  if (directories_.contains(path) && mode != OpenMode::read) return fail_errno("cannot open " + path, EISDIR);
  Directory* directory = directory_of(path);
  InodePtr inode = find(path);
  if (directory == nullptr || (inode == nullptr && mode == OpenMode::read))
    return fail_errno("cannot open " + path, ENOENT);
  if (inode != nullptr && mode == OpenMode::create_new) return fail_errno("cannot open " + path, EEXIST);
  if (inode == nullptr) {
    inode = make_inode(0600);
    directory->change({.gone = "", .name = name_of(path), .inode = inode});
  }
  return std::make_unique<FakeFile>(*this, std::move(inode), mode != OpenMode::read);
}

Result<std::unique_ptr<File>> FakeFs::open_unnamed(const std::string& directory) {
  if (!unnamed_files) return Fs::open_unnamed(directory);
  if (!directories_.contains(directory)) return fail_errno("cannot make an unnamed file in " + directory, ENOENT);
  return std::make_unique<FakeFile>(*this, make_inode(0600), true);
}

Result<FileStat> FakeFs::stat(const std::string& path) {
  if (directories_.contains(path)) return FileStat{.device = 1, .mode = S_IFDIR | 0750, .directory = true};
  const InodePtr inode = find(path);
  if (inode == nullptr) return fail_errno("cannot stat " + path, ENOENT);
  return FileStat{.device = 1,
                  .inode = inode->number,
                  .size = inode->data.size(),
                  .mtime = inode->mtime,
                  .mode = S_IFREG | inode->mode};
}

Result<> FakeFs::rename(const std::string& from, const std::string& to) {
  const InodePtr inode = find(from);
  if (inode == nullptr) return fail_errno("cannot rename " + from, ENOENT);
  Directory* directory = directory_of(to);
  if (directory == nullptr) return fail_errno("cannot rename to " + to, ENOENT);
  if (directory != directory_of(from)) {
    directory_of(from)->change({.gone = name_of(from), .name = "", .inode = nullptr});
    directory->change({.gone = "", .name = name_of(to), .inode = inode});
  } else if (from != to) {
    directory->change({.gone = name_of(from), .name = name_of(to), .inode = inode});
  }
  return {};
}

Result<> FakeFs::remove(const std::string& path) {
  if (find(path) == nullptr) return fail_errno("cannot remove " + path, ENOENT);
  directory_of(path)->change({.gone = name_of(path), .name = "", .inode = nullptr});
  return {};
}

Result<> FakeFs::sync_dir(const std::string& directory) {
  const auto found = directories_.find(directory);
  if (found == directories_.end()) return fail_errno("cannot sync " + directory, ENOENT);
  ++directory_syncs;
  found->second->sync();
  return {};
}

Result<std::vector<std::string>> FakeFs::list(const std::string& directory) {
  const auto found = directories_.find(directory);
  if (found == directories_.end()) return fail_errno("cannot list " + directory, ENOENT);
  std::vector<std::string> names;
  for (const auto& [name, inode] : found->second->live) names.push_back(name);
  for (const auto& [path, unused] : directories_) {
    if (path != directory && parent_of(path) == directory) names.push_back(name_of(path));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<> FakeFs::make_dirs(const std::string& directory) {
  if (find(directory) != nullptr) return fail_errno("cannot make directory " + directory, EEXIST);
  if (directory != "/" && directory != "." && !directories_.contains(directory)) {
    if (auto made = make_dirs(parent_of(directory)); !made) return made;
  }
  auto& made = directories_[directory];
  if (!made) made = std::make_unique<Directory>();
  return {};
}

Result<std::unique_ptr<FileLock>> FakeFs::lock(const std::string& path) {
  if (auto file = open(path, OpenMode::append); !file) return tl::unexpected(file.error());
  if (locked_.contains(path)) return fail(Errc::denied, path + " is locked");
  return std::make_unique<FakeLock>(*this, path);
}

void FakeFs::crash(Loss loss, std::mt19937_64& random) {
  ++boot_;
  for (auto& [path, directory] : directories_) directory->lose(loss, random);
  for (const auto& weak : inodes_) {
    if (const auto inode = weak.lock()) inode->lose(loss, random);
  }
}

void FakeFs::put(const std::string& path, std::string content) {
  static_cast<void>(make_dirs(parent_of(path)));
  const InodePtr inode = make_inode(0600);
  inode->data = std::move(content);
  inode->sync();
  Directory* directory = directory_of(path);
  directory->change({.gone = "", .name = name_of(path), .inode = inode});
  directory->durable[name_of(path)] = inode;
}

void FakeFs::grow(const std::string& path, std::string_view bytes) {
  const InodePtr inode = find(path);
  if (inode == nullptr) return put(path, std::string(bytes));
  inode->append(bytes);
  inode->mtime = now();
  inode->sync();
}

void FakeFs::move(const std::string& from, const std::string& to) {
  static_cast<void>(rename(from, to));
  directory_of(to)->sync();
}

bool FakeFs::exists(const std::string& path) const {
  return find(path) != nullptr || directories_.contains(path);
}

std::string FakeFs::content(const std::string& path) const {
  const InodePtr inode = find(path);
  return inode == nullptr ? std::string() : inode->data;
}

}  // namespace acta::test
