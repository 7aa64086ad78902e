#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/finished_document.h"
#include "event/json_fields.h"

namespace acta {

/// A message as Kafka gives it. Views.
struct KafkaRecord {
  std::string_view topic{};
  int32_t partition = 0;
  int64_t offset = 0;
  Nanos timestamp = 0;  ///< of the record
  std::string_view key{};
  std::string_view value{};
  std::string_view id{};       ///< header event.id
  std::string_view dataset{};  ///< header data_stream.dataset
};

/// Makes a finished document of a message, or says why there is none: what the document's id is, which stream it
/// belongs to, and that the value is one JSON object in one line. Any producer may have written it. One thread.
///
/// id: the header, else of a document of actabeat its event.id, else a hash of cluster, topic, partition, offset, time
/// of the record and value: a topic that is made anew counts its offsets from 0 again.
/// Stream: the header, else the field data_stream.dataset; these must match `allowed_datasets`. Else event.dataset
/// where that is allowed, else `other_dataset`.
/// A document without @timestamp gets one: laurel's ID has the time of the event, else the record's.
class MessageReader {
 public:
  struct Options {
    std::vector<std::string> allowed_datasets;  ///< patterns with *
    std::string other_dataset;
  };
  explicit MessageReader(Options options);

  /// Valid until the next call, and as long as the record's views are.
  FinishedDocument read(const KafkaRecord& record, std::string_view cluster_id);

 private:
  [[nodiscard]] bool allows(std::string_view dataset) const;
  std::string_view choose_dataset(const KafkaRecord& record, FinishedDocument& document);
  std::string_view make_id(const KafkaRecord& record, std::string_view cluster_id);
  Nanos choose_time(const KafkaRecord& record, FinishedDocument& document);

  const Options options_;
  JsonFields fields_;
  std::string id_, json_, refusal_;
};

}  // namespace acta
