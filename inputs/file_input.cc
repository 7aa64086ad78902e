#include "inputs/file_input.h"

#include <linux/capability.h>

namespace acta {

Capabilities FileInput::capabilities() const {
  return capability(CAP_DAC_READ_SEARCH);
}

namespace {

// Both without state.
const SystemClock host_clock;
PosixFs host_fs;

}  // namespace

FileInput::FileInput(FileFollower::Settings settings, MakeFramer make_framer)
    : FileInput(std::move(settings), make_framer, host_clock, host_fs) {}

std::unique_ptr<FileInput> FileInput::of_host(FileFollower::Settings settings, MakeFramer make_framer) {
  return std::unique_ptr<FileInput>(new FileInput(std::move(settings), make_framer));
}

Result<> FileInput::open(uint16_t source, const Cursor& resume) {
  source_ = source;
  framer_ = make_framer_(source);
  follower_ = std::make_unique<FileFollower>(settings_, clock_, fs_);
  return follower_->open(resume.at, resume.files);
}

Result<Pull> FileInput::pull(RawBatch& batch) {
  if (!follower_) return fail(Errc::closed, settings_.name + " is not open");
  const FileFollower::Pulled pulled = follower_->pull(batch, *framer_);
  for (Loss& loss : follower_->take_losses()) {
    loss.source = source_;
    batch.lost(std::move(loss));
  }
  switch (pulled) {
    case FileFollower::Pulled::more:
      return Pull::more;
    case FileFollower::Pulled::idle:
      return Pull::idle;
    case FileFollower::Pulled::done:
      return Pull::done;
  }
  return Pull::idle;
}

void FileInput::safe(Position position) {
  if (follower_) follower_->safe(position);
}

std::vector<FileMark> FileInput::marks(Position from) const {
  return follower_ ? follower_->marks(from) : std::vector<FileMark>{};
}

InputCounts FileInput::counts() const {
  if (!follower_) return {};
  const FileFollower::Counts& files = follower_->counts();
  return {.records = framer_->items(),
          .bytes = files.bytes,
          .files = files.runs,
          .gaps = files.gaps,
          .truncated = files.truncated};
}

Result<> FileInput::close() {
  follower_.reset();
  return {};
}

}  // namespace acta
