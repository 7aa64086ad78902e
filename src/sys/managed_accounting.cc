#include "sys/managed_accounting.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>

#include "base/log.h"

namespace acta {
namespace {

constexpr std::string_view kComponent = "pacct";
constexpr const char* kStateName = "accounting";
constexpr size_t kStateMax = 8192;
constexpr Nanos kLookEvery = kSecond;
constexpr Nanos kRetryEvery = 10 * kSecond;
constexpr int kDefaultLowPercent = 2;  // of sysctl kernel.acct
constexpr std::array kUsualFiles = {"/var/log/account/pacct", "/var/account/pacct"};

std::string boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// The percentage of free space at which the kernel pauses: the second number of kernel.acct (acct(5)).
int low_percent() {
  std::ifstream file("/proc/sys/kernel/acct");
  int high = 0, low = kDefaultLowPercent;
  file >> high >> low;
  return low;
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

ManagedAccounting::ManagedAccounting(Options options, Fs& fs, const Clock& clock, Switch acct)
    : options_(std::move(options)),
      fs_(fs),
      clock_(clock),
      acct_(acct ? std::move(acct) : [](const char* path) { return ::acct(path) == 0 ? 0 : errno; }) {}

// A process ends, and one of the known files grows: the kernel does not tell otherwise.
std::string ManagedAccounting::find_active() {
  std::array<uint64_t, kUsualFiles.size()> before{};
  for (size_t i = 0; i < before.size(); ++i) before[i] = fs_.stat(kUsualFiles[i]).value_or(FileStat{}).size;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(child, nullptr, 0);
  for (size_t i = 0; i < before.size(); ++i) {
    if (fs_.stat(kUsualFiles[i]).value_or(FileStat{}).size > before[i]) return kUsualFiles[i];
  }
  return {};
}

Result<> ManagedAccounting::make_file() {
  if (auto made = fs_.make_dirs(parent_of(options_.path)); !made) return made;
  auto file = fs_.open(options_.path, OpenMode::append);
  return file ? Result<>{} : tl::unexpected(file.error());
}

Result<> ManagedAccounting::turn_to(const std::string& path) {
  const int error = acct_(path.empty() ? nullptr : path.c_str());
  if (error == 0) return {};
  Error refusal =
      fail_errno(path.empty() ? "turning accounting off" : "turning accounting on for " + path, error).value();
  if (error == EPERM) refusal.what += "; it needs CAP_SYS_PACCT, in the pid namespace whose processes are meant";
  if (error == ENOSYS) refusal.what += "; this kernel has none (CONFIG_BSD_PROCESS_ACCT)";
  return tl::unexpected(std::move(refusal));
}

// "BOOT\nPATH": what an earlier run of this boot found and did not put back.
std::string ManagedAccounting::remembered() const {
  auto text = read_file(fs_, options_.state_directory + "/" + kStateName, kStateMax);
  return text && text->starts_with(boot() + "\n") ? text->substr(boot().size() + 1) : std::string("\n");
}

Result<> ManagedAccounting::begin() {
  if (const std::string earlier = remembered(); earlier != "\n") {
    found_ = earlier;
  } else {
    found_ = find_active();
    if (*found_ == options_.path) found_->clear();
    if (auto made = fs_.make_dirs(options_.state_directory); !made) return made;
    const std::string state = boot() + "\n" + *found_;
    if (auto saved = replace_file(fs_, options_.state_directory + "/" + kStateName, state); !saved) return saved;
  }
  if (auto made = make_file(); !made) return made;
  if (auto turned = turn_to(options_.path); !turned) return turned;
  on_ = true;
  log::info(kComponent, "process accounting is on: " + options_.path);
  return {};
}

Result<> ManagedAccounting::rotate() {
  const std::string old = fmt::format("{}-{}", options_.path, clock_.realtime() / kSecond);
  if (fs_.stat(old)) return {};  // not twice a second
  if (auto renamed = fs_.rename(options_.path, old); !renamed) return renamed;
  if (auto made = make_file(); !made) return made;
  return turn_to(options_.path);
}

void ManagedAccounting::remove_old(const std::function<bool(uint64_t)>& done_with, bool all) {
  const std::string folder = parent_of(options_.path), prefix = base_name(options_.path) + "-";
  auto names = fs_.list(folder);
  if (!names) return;
  std::erase_if(*names, [&](const std::string& name) {
    return !name.starts_with(prefix) || name.find_first_not_of("0123456789", prefix.size()) != std::string::npos;
  });
  for (size_t i = 0; i < names->size() && (all || names->size() - i > options_.keep); ++i) {
    const std::string path = folder + "/" + (*names)[i];
    const auto stat = fs_.stat(path);
    if (!stat || !done_with(stat->inode)) continue;
    if (auto removed = fs_.remove(path); !removed) log::warning(kComponent, removed.error().what);
  }
}

std::optional<Loss> ManagedAccounting::tend(const std::function<bool(uint64_t)>& done_with) {
  const Nanos now = clock_.monotonic();
  if (now < next_look_) return std::nullopt;
  next_look_ = now + (on_ ? kLookEvery : kRetryEvery);
  if (!on_) {
    if (auto begun = begin(); !begun) log::error(kComponent, begun.error().what);
    return std::nullopt;
  }
  if (const auto stat = fs_.stat(options_.path); !stat || stat->size >= options_.rotate_bytes) {
    if (auto rotated = stat ? rotate() : begin(); !rotated) log::error(kComponent, rotated.error().what);
  }
  struct statvfs space {};
  const bool known = ::statvfs(options_.path.c_str(), &space) == 0 && space.f_blocks != 0;
  const bool low = known && space.f_bavail * 100 <= space.f_blocks * static_cast<uint64_t>(low_percent());
  remove_old(done_with, low);
  if (low == std::exchange(low_, low)) return std::nullopt;
  if (!low) {
    log::info(kComponent, "there is room for accounting records again");
    return std::nullopt;
  }
  log::error(kComponent,
             fmt::format("{}: at most {} % of its file system is free: the kernel pauses accounting and drops "
                         "records; make room",
                         options_.path, low_percent()));
  return Loss{.reason = LossReason::file_gap, .at_least = true, .from = clock_.realtime(), .to = clock_.realtime()};
}

Result<> ManagedAccounting::end() {
  if (!std::exchange(on_, false)) return {};
  if (auto turned = turn_to(found_.value_or("")); !turned) return turned;
  return fs_.remove(options_.state_directory + "/" + kStateName);
}

}  // namespace acta
