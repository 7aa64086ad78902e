#include "spool/payload.h"

#include <algorithm>

#include "base/bytes.h"

namespace acta::spool {
namespace {

constexpr size_t kDocumentHeaderBytes = 24;
constexpr size_t kMetaBytesMax = UINT16_MAX;

uint16_t length_of(std::string_view text) {
  return static_cast<uint16_t>(std::min(text.size(), kMetaBytesMax));
}

}  // namespace

void encode_payload(const Batch& batch, std::string& out) {
  out.reserve(out.size() + batch.bytes() + batch.size() * kDocumentHeaderBytes);
  for (size_t i = 0; i < batch.size(); ++i) {
    const Doc doc = batch[i];
    const uint16_t id = length_of(doc.meta.id), dataset = length_of(doc.meta.dataset), key = length_of(doc.meta.key),
                   routes = length_of(doc.meta.routes);
    put_le(out, static_cast<uint64_t>(doc.meta.timestamp));
    put_le(out, id);
    put_le(out, dataset);
    put_le(out, key);
    put_le(out, routes);
    put_le(out, static_cast<uint32_t>(doc.json.size()));
    put_le(out, uint32_t{0});
    out.append(doc.meta.id.substr(0, id))
        .append(doc.meta.dataset.substr(0, dataset))
        .append(doc.meta.key.substr(0, key))
        .append(doc.meta.routes.substr(0, routes));
    out.append(doc.json);
  }
}

bool decode_payload(std::string_view payload, uint32_t count, Batch& batch) {
  batch.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (payload.size() < kDocumentHeaderBytes) return false;
    const auto timestamp = static_cast<Nanos>(get_le<uint64_t>(payload, 0));
    const size_t id = get_le<uint16_t>(payload, 8), dataset = get_le<uint16_t>(payload, 10),
                 key = get_le<uint16_t>(payload, 12), routes = get_le<uint16_t>(payload, 14);  // 0 in version 1
    const size_t metas = id + dataset + key + routes;
    const size_t json = get_le<uint32_t>(payload, 16);
    payload.remove_prefix(kDocumentHeaderBytes);
    if (payload.size() < metas + json) return false;
    batch.add({.timestamp = timestamp,
               .id = payload.substr(0, id),
               .dataset = payload.substr(id, dataset),
               .key = payload.substr(id + dataset, key),
               .routes = payload.substr(id + dataset + key, routes)},
              payload.substr(metas, json));
    payload.remove_prefix(metas + json);
  }
  return payload.empty();
}

}  // namespace acta::spool
