#pragma once
#include <functional>
#include <string>
#include <vector>

#include "processors/history/state.h"
#include "processors/history/step.h"

namespace acta::history {

/// One run of a virtual machine, from its start to its end.
struct GuestRun {
  std::string id{};  ///< event.id of the VIRT_CONTROL that started it
  std::string node{}, uuid{}, name{}, hypervisor{};
  bool started = false;        ///< false: it only got resources as yet
  int64_t start = 0, end = 0;  ///< nanoseconds since 1970
  int64_t down_at = 0;         ///< SYSTEM_SHUTDOWN while it ran
  int64_t pid = -1, uid = -1;
  std::string user{};  ///< who started it
  std::vector<std::string> resources{};
  std::vector<std::string> serials{};  ///< of the events that started and ended it
  std::string how{};                   ///< it ended: stopped, failed, gone, down, crash, forgotten

  template <class Self, class F>
  static bool members(Self& self, F&& f) {
    return f(self.id, self.node, self.uuid, self.name, self.hypervisor, self.started, self.start, self.down_at,
             self.pid, self.uid, self.user, self.resources, self.serials);
  }
};

/// The guests that run, by the rules of auvirt(8): a start that succeeded begins a run, with the resources that were
/// assigned before it; a stop that succeeded ends it; a start that failed is a run without length. Beyond auvirt: what
/// a start of the system, or another start of the guest, finds running is cut. Bounded by kOpenMax and kResourcesMax. A
/// value: equal steps make equal states.
class Guests {
 public:
  static constexpr size_t kOpenMax = 1024;
  static constexpr size_t kResourcesMax = 64;

  using Ended = std::function<void(const GuestRun&)>;

  /// True when the state changed. `ended` gets each run that is over.
  bool apply(const Step& step, const Ended& ended);

  [[nodiscard]] bool empty() const { return open_.empty(); }
  void write(rapidjson::Writer<rapidjson::StringBuffer>& out) const;
  bool read(const rapidjson::Value& guests);

 private:
  GuestRun* find(const Step& step);
  GuestRun& find_or_add(const Step& step, const Ended& ended);
  bool start(const Step& step, const Ended& ended);
  bool stop(const Step& step, const Ended& ended);
  bool assign(const Step& step, const Ended& ended);
  bool boot(const Step& step, const Ended& ended);
  bool shut_down(const Step& step);

  std::vector<GuestRun> open_;  // in the order in which they were met
};

}  // namespace acta::history
