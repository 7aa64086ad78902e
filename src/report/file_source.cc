#include "report/file_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/log.h"

namespace acta::report {
namespace {

constexpr const char* kStandardInput = "-";

/// Read from its beginning to its end once, as pipes can be.
class StandardInput final : public File {
 public:
  Result<> append(std::string_view) override { return fail(Errc::unsupported, "standard input is only read"); }
  Result<> sync() override { return {}; }
  Result<size_t> read_at(uint64_t, char* into, size_t size) override {
    for (;;) {
      const ssize_t count = ::read(STDIN_FILENO, into, size);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return fail_errno("cannot read standard input", errno);
    }
  }
  Result<> truncate(uint64_t) override { return fail(Errc::unsupported, "standard input is only read"); }
  Result<FileStat> stat() override { return FileStat{}; }
};

bool holds_documents(std::string_view name) {
  return name.ends_with(".ndjson") || name.ends_with(".ndjson.gz") || name.ends_with(".ndjson.zst");
}

Result<> add_folder(Fs& fs, const std::string& folder, std::vector<std::string>& files) {
  auto names = fs.list(folder);
  if (!names) return tl::unexpected(names.error());
  const size_t had = files.size();
  for (const std::string& name : *names) {
    if (holds_documents(name)) files.push_back(folder + "/" + name);
  }
  if (files.size() > had) return {};
  return fail(Errc::config, folder + " has no *.ndjson, *.ndjson.gz or *.ndjson.zst: name the files themselves");
}

}  // namespace

Result<std::vector<std::string>> document_files(Fs& fs, const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (path == kStandardInput) {
      files.emplace_back(kStandardInput);
      continue;
    }
    auto stat = fs.stat(path);
    if (!stat) return tl::unexpected(stat.error());
    if (!stat->directory) {
      files.push_back(path);
    } else if (auto added = add_folder(fs, path, files); !added) {
      return tl::unexpected(added.error());
    }
  }
  return files;
}

Result<std::unique_ptr<FileSource>> FileSource::open(Fs& fs, const std::vector<std::string>& paths) {
  auto files = document_files(fs, paths);
  if (!files) return tl::unexpected(files.error());
  return std::unique_ptr<FileSource>(new FileSource(fs, *std::move(files)));
}

Result<> FileSource::open_next() {
  const std::string& path = files_[opened_++];
  if (path == kStandardInput) {
    reader_.emplace(std::make_unique<StandardInput>(), "standard input");
    return {};
  }
  auto file = fs_.open(path, OpenMode::read);
  if (!file) return tl::unexpected(file.error());
  reader_.emplace(std::move(*file), path);
  return {};
}

void FileSource::passed_over(uint64_t& count, const std::string& why) {
  const std::string text = fmt::format("{}: {}", where(), why);
  if (unread_.first.empty()) unread_.first = text;
  if (unread_.lines + unread_.places < kNamedMax) log::warning("report", text);
  ++count;
}

std::string FileSource::where() const {
  if (!reader_) return files_.empty() ? "" : files_.front();
  return fmt::format("{}: byte {}{}", reader_->name(), reader_->offset(),
                     reader_->compressed() ? " of the uncompressed text" : "");
}

Result<bool> FileSource::next(Document& document) {
  for (;;) {
    if (!reader_) {
      if (opened_ == files_.size()) return false;
      if (auto opened = open_next(); !opened) return tl::unexpected(opened.error());
    }
    auto line = reader_->next();
    if (!line && line.error().code != Errc::corrupt) return tl::unexpected(line.error());
    if (!line) {
      passed_over(unread_.places, line.error().what + "; what follows in this file is not counted");
      reader_.reset();
      continue;
    }
    if (line->data() == nullptr) {
      reader_.reset();
      continue;
    }
    if (line->empty()) continue;
    const auto parsed = document.parse(line->data());
    if (parsed) return true;
    passed_over(unread_.lines, "no document: " + parsed.error().what);
  }
}

}  // namespace acta::report
