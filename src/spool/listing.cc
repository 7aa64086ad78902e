#include "spool/listing.h"

#include <algorithm>

#include "spool/reader_file.h"
#include "spool/segment.h"

namespace acta::spool {
namespace {

constexpr std::string_view kNewSuffix = ".new";  // of replace_file, and of a segment that compact() makes

bool is_unfinished(const std::string& name) {
  if (!name.ends_with(kNewSuffix)) return false;
  const std::string_view under = std::string_view(name).substr(0, name.size() - kNewSuffix.size());
  return under.ends_with(kReaderSuffix) || segment_offset(under).has_value();
}

Result<> copy(Fs& fs, const std::string& from, const std::string& to) {
  auto source = fs.open(from, OpenMode::read);
  if (!source) return tl::unexpected(source.error());
  auto target = fs.open(to, OpenMode::create_new);
  if (!target) return tl::unexpected(target.error());
  constexpr size_t kStep = 1u << 20;
  std::string bytes(kStep, '\0');
  for (uint64_t at = 0;;) {
    auto got = (*source)->read_at(at, bytes.data(), kStep);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return (*target)->sync();
    if (auto written = (*target)->append(std::string_view(bytes).substr(0, *got)); !written) return written;
    at += *got;
  }
}

}  // namespace

Result<Listing> list_spool(Fs& fs, const std::string& directory) {
  auto names = fs.list(directory);
  if (!names) return tl::unexpected(names.error());
  Listing listing;
  for (const std::string& name : *names) {
    if (name == kLockName) {
      listing.locked = true;
    } else if (name == kDamagedName || name == kSyncedName) {
      continue;
    } else if (segment_offset(name)) {
      listing.segments.push_back(name);
    } else if (name.ends_with(kReaderSuffix)) {
      listing.readers.push_back(name);
    } else if (is_unfinished(name)) {
      listing.unfinished.push_back(name);
    } else {
      listing.foreign.push_back(name);
    }
  }
  std::sort(listing.segments.begin(), listing.segments.end());
  return listing;
}

Result<std::string> keep_damaged(Fs& fs, const std::string& directory, const std::string& name) {
  const std::string aside = directory + "/" + std::string(kDamagedName);
  if (auto made = fs.make_dirs(aside); !made) return tl::unexpected(made.error());
  const std::string to = aside + "/" + name;
  if (fs.stat(to)) return to;  // kept before
  const std::string part = to + std::string(kNewSuffix);
  if (fs.stat(part)) {
    if (auto removed = fs.remove(part); !removed) return tl::unexpected(removed.error());
  }
  if (auto copied = copy(fs, directory + "/" + name, part); !copied) {
    static_cast<void>(fs.remove(part));  // a partial copy helps nobody
    return tl::unexpected(copied.error());
  }
  if (auto named = fs.rename(part, to); !named) return tl::unexpected(named.error());
  if (auto synced = fs.sync_dir(aside); !synced) return tl::unexpected(synced.error());
  return to;
}

Result<std::string> set_aside(Fs& fs, const std::string& directory, const std::string& name) {
  const std::string aside = directory + "/" + std::string(kDamagedName);
  if (auto made = fs.make_dirs(aside); !made) return tl::unexpected(made.error());
  std::string to = aside + "/" + name;
  for (int n = 1; fs.stat(to).has_value(); ++n) to = aside + "/" + name + "." + std::to_string(n);
  if (auto moved = fs.rename(directory + "/" + name, to); !moved) return tl::unexpected(moved.error());
  return to;
}

}  // namespace acta::spool
