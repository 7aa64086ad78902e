#include "app/replay_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/file_identity.h"

namespace acta {
namespace {

// Its documents, a few times as large, stay in the second-level cache until they are written (a tenth of the time).
constexpr size_t kChunkBytes = 64u << 10;
constexpr size_t kHeadBytes = kIdentityBytes;

}  // namespace

ReplayReader::ReplayReader(int fd, const std::string& path, uint64_t number, bool keep_original)
    : fd_(fd), number_(number) {
  origin_.path = path == "-" ? std::string() : path;
  origin_.keep_original = keep_original;
}

ReplayReader::~ReplayReader() {
  if (fd_ != STDIN_FILENO) ::close(fd_);
}

Result<std::unique_ptr<ReplayReader>> ReplayReader::open(const std::string& path, uint64_t number, bool keep_original) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fail_errno("cannot open " + path, errno);
  auto reader = std::unique_ptr<ReplayReader>(new ReplayReader(fd, path, number, keep_original));
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail_errno("cannot stat " + path, errno);
  if (S_ISDIR(st.st_mode)) return fail(Errc::io, path + " is a directory: name the files in it");
  reader->origin_.inode = st.st_ino;
  reader->origin_.device = st.st_dev;
  while (!reader->ended_ && reader->unread_.size() < kHeadBytes) {
    if (auto filled = reader->fill(); !filled) return tl::unexpected(filled.error());
  }
  const auto rule =
      reader->kind() == RawKind::accounting_record ? IdentityRule::first_64_bytes : IdentityRule::first_line;
  reader->origin_.fingerprint = fingerprint(rule, std::string_view(reader->unread_).substr(0, kIdentityBytes));
  return reader;
}

RawKind ReplayReader::kind() const {
  // An audit log is text; the second byte of an accounting record is its version, 0 in the oldest form (acct(5)).
  const std::string_view head = std::string_view(unread_).substr(0, kHeadBytes);
  if (head.size() < 2) return RawKind::audit_record;
  const auto version = static_cast<unsigned char>(head[1]) & 0x7F;
  return version <= 5 && head.find('\0') != std::string_view::npos ? RawKind::accounting_record : RawKind::audit_record;
}

Result<size_t> ReplayReader::read_chunk(char* to) {
  ssize_t n;
  do {
    n = ::read(fd_, to, kChunkBytes);
  } while (n < 0 && errno == EINTR);
  const int failed = n < 0 ? errno : 0;
  if (n < 0) return fail_errno("cannot read " + (origin_.path.empty() ? "standard input" : origin_.path), failed);
  ended_ = n == 0;
  return static_cast<size_t>(n);
}

Result<> ReplayReader::fill() {
  const size_t had = unread_.size();
  unread_.resize(had + kChunkBytes);
  const auto read = read_chunk(unread_.data() + had);
  unread_.resize(had + read.value_or(0));
  return read ? Result<>{} : tl::unexpected(read.error());
}

// Straight into the batch, behind what was left of the chunk before.
Result<bool> ReplayReader::read(RawBatch& batch, Framer& framer) {
  char* to = batch.room(unread_.size() + kChunkBytes);
  std::memcpy(to, unread_.data(), unread_.size());
  size_t size = unread_.size();
  if (!ended_) {
    const auto more = read_chunk(to + size);
    if (!more) return tl::unexpected(more.error());
    size += *more;
  }
  if (size == 0) return !ended_;
  const size_t at = batch.keep(size);
  const size_t used = framer.frame(batch, {.run = number_,
                                           .offset = offset_,
                                           .at = at,
                                           .size = size,
                                           .before = before_,
                                           .last = ended_,
                                           .origin = &origin_});
  const std::string_view text = batch.buffer().substr(at, size);
  if (used != 0) before_ = text[used - 1];
  unread_.assign(text.substr(used));
  offset_ += used;
  return true;
}

}  // namespace acta
