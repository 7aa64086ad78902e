#pragma once
#include <functional>
#include <string>
#include <vector>

#include "processors/history/state.h"
#include "processors/history/step.h"

namespace acta::history {

/// A login, or the time from a start of the system to its end.
struct Login {
  std::string id{};  ///< event.id of the LOGIN or SYSTEM_BOOT
  std::string node{};
  bool is_boot = false;
  bool begun = false;          ///< its LOGIN is known
  bool named = false;          ///< its USER_LOGIN is known: an interactive login, which aulast shows
  int64_t start = 0, end = 0;  ///< nanoseconds since 1970; `end` 0: not ended as yet
  int64_t down_at = 0;         ///< SYSTEM_SHUTDOWN while it was open
  int64_t pid = -1, uid = -1, session = -1;
  std::string user{}, terminal{}, host{}, program{}, kernel{};
  std::vector<std::string> serials{};  ///< of the events that say all this
  std::string how{};                   ///< it ended: logged-out, gone, down, crash, shutdown, forgotten

  template <class Self, class F>
  static bool members(Self& self, F&& f) {
    return f(self.id, self.node, self.is_boot, self.begun, self.named, self.start, self.end, self.down_at, self.pid,
             self.uid, self.session, self.user, self.terminal, self.host, self.program, self.kernel, self.serials,
             self.how);
  }
};

/// The logins that are open, by the rules of aulast(8): LOGIN opens one by (node, session), USER_LOGIN with the same
/// user, process and session makes it one to show, USER_END with these ends it, SYSTEM_BOOT cuts what is open of its
/// node. Where aulast says "crash" of everything that a boot finds open, this says "down", with the time of the
/// shutdown, of what was open at an orderly one.
///
/// Events of one login may come in any order within kOrderMax: an event that waits for a record comes after those that
/// began later. Bounded by kOpenMax. A value: equal steps make equal states.
class Logins {
 public:
  static constexpr size_t kOpenMax = 1024;
  static constexpr size_t kNodesMax = 1024;
  static constexpr Nanos kOrderMax = 30 * kSecond;

  using Ended = std::function<void(const Login&)>;

  /// True when the state changed. `ended` gets each login to show, and each boot, that is over.
  bool apply(const Step& step, const Ended& ended);

  [[nodiscard]] bool empty() const { return open_.empty() && kernels_.empty(); }
  void write(rapidjson::Writer<rapidjson::StringBuffer>& out) const;
  bool read(const rapidjson::Value& logins, const rapidjson::Value& kernels);

 private:
  struct Kernel {
    std::string node{}, release{};
    template <class Self, class F>
    static bool members(Self& self, F&& f) {
      return f(self.node, self.release);
    }
  };
  Login* find(const Step& step);
  Login& add(const Step& step, const Ended& ended);
  void erase(const Login* login);
  bool begin(const Step& step, const Ended& ended);
  bool name(const Step& step, const Ended& ended);
  bool end(const Step& step, const Ended& ended);
  void cut(const Step& boot, const Ended& ended);
  bool boot(const Step& step, const Ended& ended);
  bool shut_down(const Step& step, const Ended& ended);
  bool remember_kernel(const Step& step);
  void finish(const Login& login, Nanos end, std::string_view how, const Ended& ended);
  void drop_orphans(const Step& step);

  std::vector<Login> open_;  // in the order in which they were met
  std::vector<Kernel> kernels_;
};

}  // namespace acta::history
