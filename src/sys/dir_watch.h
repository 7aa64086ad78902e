#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "sys/fd.h"

namespace acta {

/// Tells that something changed in directories, by inotify(7). Where inotify is not to be had (limits, file systems
/// over a network), it says nothing: callers look by themselves now and then. One thread. Never blocks.
class DirWatch {
 public:
  DirWatch();

  /// Watches a directory; again is nothing. Fails when it cannot be watched now: there is none, or inotify has reached
  /// a limit of the host, which the error names.
  Result<> add(const std::string& directory);
  /// Readable when drain() has something to say; -1 when there is no inotify.
  [[nodiscard]] int fd() const { return fd_.get(); }

  class Listener {
   public:
    virtual ~Listener() = default;
    /// A file came, went, was renamed or got other permissions. `directory` as given to add().
    virtual void entry_changed(std::string_view directory, std::string_view name) = 0;
    /// Anything may have changed: the queue of events ran over, or a watched directory itself went.
    virtual void all_changed() = 0;
  };
  /// Reports all that is queued; mere writes to files are only taken off the queue.
  void drain(Listener& listener);

 private:
  Fd fd_;
  int refused_ = 0;  // errno, where there is no inotify
  std::unordered_map<std::string, int> watches_;
  std::unordered_map<int, std::string> directories_;
};

}  // namespace acta
