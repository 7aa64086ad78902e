#pragma once
#include <map>
#include <string>
#include <vector>

#include "processors/decoder.h"

namespace acta::test {

/// A decoder for pipeline tests: a record is "KEY:TEXT" or, to end its event, "KEY:TEXT!". An event is the texts of its
/// key joined by a comma; it is closed by its end, by flush(), and never by time. The document's id is KEY.
class LineDecoder final : public Decoder {
 public:
  [[nodiscard]] RawKind kind() const override { return RawKind::audit_record; }

  void feed(const RawItem& item, Nanos, EventSink& sink) override {
    const size_t colon = item.bytes.find(':');
    const std::string key(item.bytes.substr(0, colon));
    std::string text(item.bytes.substr(colon + 1));
    const bool ends = text.ends_with('!');
    if (ends) text.pop_back();
    Open& open = open_.try_emplace(key, Open{{.source = item.source, .begin = item.begin, .key = key_of(item)}, ""})
                     .first->second;
    open.provenance.end = item.end;
    ++open.provenance.records;
    open.text += open.text.empty() ? text : "," + text;
    if (ends) close(key, sink);
  }
  void idle(Nanos, EventSink&) override {}
  void flush(EventSink& sink) override {
    while (!open_.empty()) close(open_.begin()->first, sink);
  }
  [[nodiscard]] Position oldest_open(uint16_t source) const override {
    Position oldest{UINT64_MAX, UINT64_MAX};
    for (const auto& [key, open] : open_) {
      if (open.provenance.source == source) oldest = std::min(oldest, open.provenance.begin);
    }
    return oldest;
  }
  [[nodiscard]] uint64_t open_records(uint16_t source) const override {
    uint64_t records = 0;
    for (const auto& [key, open] : open_) records += open.provenance.source == source ? open.provenance.records : 0;
    return records;
  }
  [[nodiscard]] uint64_t key_of(const RawItem& item) const override {
    return std::hash<std::string_view>{}(item.bytes.substr(0, item.bytes.find(':'))) | 1;
  }

 private:
  struct Open {
    Provenance provenance;
    std::string text;
  };

  void close(std::string key, EventSink& sink) {  // by value: the caller's key may lie in the entry
    const Open& open = open_.at(key);
    event_.clear();
    event_.set(FieldId::kEventId, key);
    event_.set(FieldId::kMessage, open.text);
    const Provenance provenance = open.provenance;
    open_.erase(key);
    sink.emit(event_, provenance);
  }

  std::map<std::string, Open> open_;
  Event event_;
};

}  // namespace acta::test
