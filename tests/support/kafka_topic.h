#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace acta::test {

/// Makes a topic, with settings of its own ("max.message.bytes" …).
Result<> make_topic(const std::string& brokers, const std::string& name, int partitions,
                    const std::map<std::string, std::string>& settings = {});

/// Deletes the messages of a partition before `offset`, as retention does.
Result<> delete_records(const std::string& brokers, const std::string& topic, int partition, int64_t offset);

/// A message as kcat(1), a client that is not ours, reads it back.
struct ReadMessage {
  int partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string key;
  std::string headers;  ///< "name=value,name=value"
  std::string value;
};

/// Everything in the topic now. `options`: more of kcat's, for TLS and the like.
std::vector<ReadMessage> read_topic(const std::string& brokers, const std::string& topic,
                                    const std::string& options = "");

}  // namespace acta::test
