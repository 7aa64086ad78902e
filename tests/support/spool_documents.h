#pragma once
#include <string>

#include "event/batch.h"
#include "queue/queue.h"

namespace acta::test {

/// A batch of `count` documents, each of which says its own offset.
inline Batch numbered(Offset first, size_t count) {
  Batch batch;
  for (Offset at = first; at < first + count; ++at) {
    const std::string id = "id-" + std::to_string(at);
    batch.add({.timestamp = static_cast<Nanos>(at), .id = id, .dataset = "actabeat.audit", .key = "host"},
              "{\"offset\":" + std::to_string(at) + ",\"text\":\"" + std::string(100, 'x') + "\"}");
  }
  return batch;
}

}  // namespace acta::test
