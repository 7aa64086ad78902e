#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/check_step.h"
#include "base/clock.h"
#include "config/component.h"
#include "event/batch.h"

namespace acta {

/// What became of a document in one attempt.
enum class Fate : uint8_t {
  accepted,  ///< the destination has it
  retry,     ///< not now: again later, for ever
  rejected   ///< can never succeed as it is: to the dead letters with the reason
};

/// What the destination said about one document.
struct Reason {
  size_t at = 0;  ///< index into Attempt::fate
  std::string why;
  bool kept = false;  ///< of a rejected document: the output has put it away by itself, it needs no dead letter
  int status = 0;     ///< the protocol's number for it (HTTP status); 0: none
};

/// The outcome of one attempt to send a batch.
struct Attempt {
  std::vector<Fate> fate{};       ///< one per document
  std::string why{};              ///< reason of a fate that is not accepted: of a retry, if there is one
  std::vector<Reason> reasons{};  ///< of single documents where the destination gives them; `why` holds for the others
  std::optional<Nanos> retry_after{};  ///< the destination's own wish
  bool too_large = false;              ///< the batch as a whole was too large: send it in halves; `fate` may be empty
  bool gone = false;  ///< the destination will never be back (a closed standard output): no use to retry

  /// The same fate for all of `count` documents.
  static Attempt all(Fate fate, size_t count, std::string why = {}) {
    Attempt attempt;
    attempt.fate.assign(count, fate);
    attempt.why = std::move(why);
    return attempt;
  }
};

/// Where documents go. One blocking attempt; no retry, no sleep, no queue of its own: the Runner has these. One thread
/// calls all of it.
class Output {
 public:
  virtual ~Output() = default;
  /// Makes ready; called again after a failure, also when all is well: then it does nothing. Fails with what to do
  /// about it.
  virtual Result<> connect() = 0;
  /// Sends `docs`; `fate` has an entry for each. Returns by `deadline` (monotonic) or soon after. Without a connect()
  /// that went well, all fates are retry. The bytes of a document stay where they are until its fate is final or
  /// close() has returned, `docs` itself is for this call.
  virtual Attempt send(Docs docs, Nanos deadline) = 0;
  /// Regular work when nothing is to send (rotation by age). `now` is monotonic.
  virtual Result<> tick(Nanos now) = 0;
  /// True when several may send to the same destination at once: workers, each on a thread of its own (`workers`), or
  /// other processes.
  [[nodiscard]] virtual bool shared() const { return false; }
  /// Names of the document fields that it wants in Meta::routes; asked once, before anything else.
  [[nodiscard]] virtual std::vector<std::string> fields() const { return {}; }
  /// Looks at the destination step by step, for `actabeat test output`: without connect(), beside an agent that may be
  /// running, and without changing or sending anything.
  virtual std::vector<CheckStep> check() { return {{.name = "nothing to look at before the first document"}}; }
  /// Any thread: cuts connect() and send() short, those under way and later ones; documents without an answer are
  /// retry. Called when the time to stop is over. Outputs that never wait for long need none.
  virtual void interrupt() {}
  /// Lets go of the destination; connect() may follow. A second close does nothing.
  virtual Result<> close() = 0;
};

}  // namespace acta
