#pragma once
#include <memory>

#include "base/clock.h"
#include "base/fs.h"
#include "inputs/input.h"
#include "sys/file_follower.h"

namespace acta {

/// An input that reads files over rotation: FileFollower finds and follows them, the framer says what a record is. For
/// inputs that differ in their options and their framer, and for those that look after their files besides.
class FileInput : public Input {
 public:
  using MakeFramer = std::unique_ptr<Framer> (*)(uint16_t source);

  /// `clock` and `fs` outlive the input.
  FileInput(FileFollower::Settings settings, MakeFramer make_framer, const Clock& clock, Fs& fs)
      : settings_(std::move(settings)), make_framer_(make_framer), clock_(clock), fs_(fs) {}
  /// On the host's clock and file system.
  static std::unique_ptr<FileInput> of_host(FileFollower::Settings settings, MakeFramer make_framer);

  /// Logs lie in folders that only root may read.
  [[nodiscard]] Capabilities capabilities() const override;
  void stop_at_end() override { settings_.stop_at_end = true; }
  Result<> open(uint16_t source, const Cursor& resume) override;
  [[nodiscard]] int poll_fd() const override { return follower_ ? follower_->poll_fd() : -1; }
  Result<Pull> pull(RawBatch& batch) override;
  [[nodiscard]] bool can_wait() const override { return true; }
  void safe(Position position) override;
  [[nodiscard]] std::vector<FileMark> marks(Position from) const override;
  [[nodiscard]] InputCounts counts() const override;
  Result<> close() override;

 protected:
  /// On the host's clock and file system.
  FileInput(FileFollower::Settings settings, MakeFramer make_framer);
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  FileFollower::Settings settings_;
  MakeFramer make_framer_;
  const Clock& clock_;
  Fs& fs_;
  uint16_t source_ = 0;
  std::unique_ptr<Framer> framer_;
  std::unique_ptr<FileFollower> follower_;
};

}  // namespace acta
