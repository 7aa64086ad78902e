#include "processors/history/follower.h"

#include <rapidjson/document.h>

#include <deque>
#include <utility>

#include "processors/history/documents.h"

namespace acta::history {
namespace {

/// What is open on the hosts of one input.
struct History {
  Logins logins;
  Guests guests;

  bool apply(const Step& step, const Logins::Ended& login, const Guests::Ended& guest) {
    const bool changed = logins.apply(step, login);
    return guests.apply(step, guest) || changed;
  }

  [[nodiscard]] std::string print() const {
    if (logins.empty() && guests.empty()) return {};
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
    out.StartObject();
    logins.write(out);
    guests.write(out);
    out.EndObject();
    return {buffer.GetString(), buffer.GetSize()};
  }

  bool read(const rapidjson::Value& state) {
    if (!state.IsObject()) return false;
    for (const char* key : {"logins", "kernels", "guests"}) {
      if (!state.HasMember(key)) return false;
    }
    return logins.read(state["logins"], state["kernels"]) && guests.read(state["guests"]);
  }
};

class HistoryFollower final : public Follower {
 public:
  bool follow(const Event& event, const Made& made) override {
    auto step = step_of(event);
    if (!step) return false;
    const bool changed = now_.apply(
        *step,
        [&](const Login& login) {
          write_login(login, event, document_);
          made(document_);
        },
        [&](const GuestRun& run) {
          write_guest(run, event, document_);
          made(document_);
        });
    if (changed) step_ = std::move(*step);
    return changed;
  }

  void settle(uint64_t upto) override { unsafe_.emplace_back(upto, std::move(step_)); }

  const std::string& state(uint64_t safe) override {
    bool changed = false;
    for (; !unsafe_.empty() && unsafe_.front().first <= safe; unsafe_.pop_front(), changed = true)
      saved_.apply(
          unsafe_.front().second, [](const Login&) {}, [](const GuestRun&) {});
    if (changed) text_ = saved_.print();
    return text_;
  }

  Result<> resume(std::string_view state) override {
    if (state.empty()) return {};
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(state.data(), state.size());
    History read;
    if (document.HasParseError() || !read.read(document))
      return fail(Errc::corrupt, "the state of logins and guests is damaged");
    now_ = saved_ = std::move(read);
    text_ = state;
    return {};
  }

 private:
  History now_;                                   // after all events that were followed
  History saved_;                                 // after those whose documents are safe
  std::string text_;                              // of saved_
  std::deque<std::pair<uint64_t, Step>> unsafe_;  // what leads from saved_ to now_
  Step step_;                                     // the last change
  Event document_;
};

}  // namespace

std::unique_ptr<Follower> make_follower() {
  return std::make_unique<HistoryFollower>();
}

}  // namespace acta::history
