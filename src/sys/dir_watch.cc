#include "sys/dir_watch.h"

#include <sys/inotify.h>

#include <cerrno>
#include <cstring>

namespace acta {
namespace {

constexpr uint32_t kEntryEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB;
constexpr uint32_t kSelfEvents = IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

DirWatch::DirWatch() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), refused_(fd_ ? 0 : errno) {}

Result<> DirWatch::add(const std::string& directory) {
  if (!fd_) return fail_errno("no inotify (fs.inotify.max_user_instances)", refused_);
  if (watches_.contains(directory)) return {};
  const int watch =
      ::inotify_add_watch(fd_.get(), directory.c_str(), kEntryEvents | kSelfEvents | IN_MODIFY | IN_ONLYDIR);
  if (watch < 0) {
    const int failed = errno;
    return fail_errno(directory + " is not watched" + (failed == ENOSPC ? " (fs.inotify.max_user_watches)" : ""),
                      failed);
  }
  watches_.emplace(directory, watch);
  directories_.insert_or_assign(watch, directory);
  return {};
}

void DirWatch::drain(Listener& listener) {
  alignas(inotify_event) char buffer[16384];
  while (fd_) {
    const ssize_t n = ::read(fd_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    for (const char* at = buffer; at < buffer + n;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const std::string_view name = event.len == 0 ? std::string_view() : std::string_view(at + sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {
        listener.all_changed();
        continue;
      }
      const auto directory = directories_.find(event.wd);
      if (directory == directories_.end()) continue;
      if ((event.mask & (kSelfEvents | IN_IGNORED | IN_UNMOUNT)) != 0) {
        // The path may mean another directory from now on: the watch is made anew by the next add().
        ::inotify_rm_watch(fd_.get(), event.wd);
        watches_.erase(directory->second);
        directories_.erase(directory);
        listener.all_changed();
      } else if ((event.mask & kEntryEvents) != 0) {
        listener.entry_changed(directory->second, name);
      }
    }
  }
}

}  // namespace acta
