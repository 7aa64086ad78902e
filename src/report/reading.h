#pragma once
#include <map>
#include <string>
#include <vector>

#include "report/source.h"
#include "report/totals.h"

namespace acta::report {

/// Which documents a report is about.
struct Wanted {
  std::string dataset{};             ///< "actabeat.audit"
  std::string also{};                ///< one more; empty: none
  std::vector<std::string> hosts{};  ///< host.name, host.hostname or host.id; empty: all
  Nanos from = INT64_MIN;            ///< period of the report, for the losses that are told
  Nanos to = INT64_MAX;
  /// Of a cluster only what came there later, by event.ingested; by @timestamp, where documents have no such time.
  Nanos since = INT64_MIN;
  Totals totals{};  ///< what is to be told in place of documents; without a question: nothing
};

/// Something that was lost within the period (documents of the dataset actabeat.lost).
struct ToldLoss {
  Nanos from = 0, to = 0;
  std::string host{}, message{};
};

/// What a report reads: the documents of one dataset and of the hosts asked for, in the order of the source; and on the
/// way what has to be said beside its figures. One thread.
class Reading {
 public:
  /// So many losses are kept to be told one by one.
  static constexpr size_t kLossesMax = 20;

  /// `source` must outlive it.
  Reading(Source& source, Wanted wanted)
      : source_(source), wanted_(std::move(wanted)), by_host_(wanted_.hosts.size()) {}

  /// The next document that is wanted, or one that stands for several (Source::group()); false at the end.
  Result<bool> next(Document& document);

  [[nodiscard]] const std::vector<ToldLoss>& losses() const { return losses_; }
  [[nodiscard]] uint64_t losses_count() const { return losses_count_; }
  /// Documents that were wanted.
  [[nodiscard]] uint64_t count() const { return count_; }

  /// What must be said before the figures, a line each, without line end; none when all is well: losses within the
  /// period, what was not read, hosts that no document is of, documents of a version this program does not know.
  [[nodiscard]] std::vector<std::string> remarks() const;

 private:
  bool is_wanted_host(const Document& document);
  void note_loss(const Document& document);

  Source& source_;
  const Wanted wanted_;
  std::vector<uint64_t> by_host_;  ///< documents of each host that is wanted
  std::vector<ToldLoss> losses_;
  uint64_t losses_count_ = 0;
  uint64_t count_ = 0;
  uint64_t all_ = 0;                                             ///< documents of any kind
  std::map<std::string, uint64_t, std::less<>> hosts_;           ///< documents by host
  std::map<std::string, uint64_t, std::less<>> major_versions_;  ///< of ECS
};

}  // namespace acta::report
