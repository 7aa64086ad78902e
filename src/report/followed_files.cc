#include "report/followed_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "report/file_source.h"

namespace acta::report {
namespace {

bool is_packed(const std::string& path) {
  return path.ends_with(".gz") || path.ends_with(".zst");
}

}  // namespace

Result<std::unique_ptr<FollowedFiles>> FollowedFiles::open(Fs& fs, const std::vector<std::string>& paths) {
  if (std::ranges::find(paths, "-") != paths.end())
    return fail(Errc::config, "--follow takes files and folders: standard input is read until it ends without it");
  const auto found = document_files(fs, paths);
  if (!found) return tl::unexpected(found.error());
  std::unique_ptr<FollowedFiles> source(new FollowedFiles(fs, paths));
  if (auto looked = source->look(*found); !looked) return tl::unexpected(looked.error());
  return source;
}

Result<bool> FollowedFiles::next(Document& document) {
  if (!looked_) {
    const auto found = document_files(fs_, paths_);  // between two names of a rotation a file may be missing
    if (auto looked = look(found.value_or(std::vector<std::string>())); !looked) return tl::unexpected(looked.error());
  }
  while (at_ < files_.size()) {
    std::optional<LineReader>& reader = files_[at_].reader;
    auto line = reader ? reader->next() : std::span<char>();
    if (!line && line.error().code != Errc::corrupt) return tl::unexpected(line.error());
    if (!line) {
      passed_over(unread_.places, line.error().what + "; what follows in this file is not shown");
      reader.reset();
    } else if (line->data() == nullptr) {
      if (reader && reader->compressed()) reader.reset();
      ++at_;
    } else if (!line->empty()) {
      const auto parsed = document.parse(line->data());
      if (parsed) return true;
      passed_over(unread_.lines, "no document: " + parsed.error().what);
    }
  }
  looked_ = false;
  return false;
}

// What was gone at the last look was read to its end in that round.
Result<> FollowedFiles::look(const std::vector<std::string>& found) {
  if (!found.empty()) std::erase_if(files_, [](const Followed& file) { return !file.there; });
  for (Followed& file : files_) file.there = found.empty();
  std::vector<std::pair<FileStat, std::string>> unknown;
  for (const std::string& path : found) {
    const auto stat = fs_.stat(path);
    if (!stat) continue;  // renamed meanwhile: it has another name at the next look
    Followed* const file = known(*stat, path);
    if (file == nullptr) {
      unknown.emplace_back(*stat, path);
      continue;
    }
    file->path = path;
    file->mtime = stat->mtime;
    file->there = true;
  }
  // A file that went when a packed one came is that one: it was read.
  auto gone = std::ranges::count_if(files_, [](const Followed& file) { return !file.there && file.reader; });
  for (const auto& [stat, path] : unknown) {
    const bool was_read = !first_ && is_packed(path) && gone-- > 0;
    if (auto added = add(stat, path, !was_read); !added) return added;
  }
  let_go();
  at_ = 0;
  looked_ = true;
  first_ = false;
  return {};
}

// An inode that is held open cannot be another file's; one that is not may be, but not under the same name.
FollowedFiles::Followed* FollowedFiles::known(const FileStat& stat, const std::string& path) {
  const auto is = [&](const Followed& file) {
    return file.inode == std::pair(stat.device, stat.inode) && (file.reader || file.path == path);
  };
  const auto found = std::ranges::find_if(files_, is);
  return found == files_.end() ? nullptr : &*found;
}

Result<> FollowedFiles::add(const FileStat& stat, const std::string& path, bool read) {
  std::optional<LineReader> reader;
  if (read) {
    auto file = fs_.open(path, OpenMode::read);
    if (!file && !first_) return {};  // as above
    if (!file) return tl::unexpected(file.error());
    reader.emplace(std::move(*file), path);
    reader->grows();
  }
  files_.push_back(
      {.path = path, .inode = {stat.device, stat.inode}, .mtime = stat.mtime, .reader = std::move(reader)});
  return {};
}

void FollowedFiles::let_go() {
  std::vector<Followed*> open;
  for (Followed& file : files_) {
    if (file.reader && !first_) open.push_back(&file);
  }
  if (open.size() <= kGrowingMax) return;
  std::ranges::sort(open, {}, &Followed::mtime);
  for (size_t i = 0; i < open.size() - kGrowingMax; ++i) open[i]->reader.reset();
}

void FollowedFiles::passed_over(uint64_t& count, const std::string& why) {
  const std::string text = fmt::format("{}: {}", where(), why);
  if (unread_.first.empty()) unread_.first = text;
  if (unread_.lines + unread_.places < FileSource::kNamedMax) log::warning("report", text);
  ++count;
}

std::string FollowedFiles::where() const {
  if (at_ >= files_.size() || !files_[at_].reader) return name();
  return fmt::format("{}: byte {}", files_[at_].path, files_[at_].reader->offset());
}

}  // namespace acta::report
