#include "sys/name_source.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace acta {
namespace {

constexpr size_t kBufferBytes = 4096;
constexpr size_t kBufferBytesMax = 4u << 20;  // a group with very many members needs much

class NameServices final : public NameSource {
 public:
  std::optional<std::string> user_name(uint32_t uid) override {
    return look_up<passwd, std::string>([uid](passwd* entry, char* buffer, size_t size,
                                              passwd** found) { return ::getpwuid_r(uid, entry, buffer, size, found); },
                                        [](const passwd& entry) { return std::string(entry.pw_name); });
  }
  std::optional<std::string> group_name(uint32_t gid) override {
    return look_up<group, std::string>([gid](group* entry, char* buffer, size_t size,
                                             group** found) { return ::getgrgid_r(gid, entry, buffer, size, found); },
                                       [](const group& entry) { return std::string(entry.gr_name); });
  }
  std::optional<uint32_t> user_id(const std::string& name) override {
    return look_up<passwd, uint32_t>(
        [&name](passwd* entry, char* buffer, size_t size, passwd** found) {
          return ::getpwnam_r(name.c_str(), entry, buffer, size, found);
        },
        [](const passwd& entry) { return entry.pw_uid; });
  }
  std::optional<uint32_t> group_id(const std::string& name) override {
    return look_up<group, uint32_t>(
        [&name](group* entry, char* buffer, size_t size, group** found) {
          return ::getgrnam_r(name.c_str(), entry, buffer, size, found);
        },
        [](const group& entry) { return entry.gr_gid; });
  }

 private:
  template <class Entry, class Answer, class Call, class Take>
  std::optional<Answer> look_up(Call call, Take take) {
    for (;;) {
      Entry entry{};
      Entry* found = nullptr;
      const int failed = call(&entry, buffer_.data(), buffer_.size(), &found);
      if (failed == EINTR) continue;
      if (failed == ERANGE && buffer_.size() < kBufferBytesMax) {
        buffer_.resize(buffer_.size() * 2);
        continue;
      }
      if (failed != 0 || found == nullptr) return std::nullopt;
      return take(*found);
    }
  }

  std::vector<char> buffer_ = std::vector<char>(kBufferBytes);
};

}  // namespace

std::unique_ptr<NameSource> name_services() {
  return std::make_unique<NameServices>();
}

}  // namespace acta
