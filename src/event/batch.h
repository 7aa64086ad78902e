#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace acta {

/// What routing may look at without reading the document again. Views into the batch that holds the document.
struct Meta {
  Nanos timestamp = 0;         ///< @timestamp
  std::string_view id{};       ///< event.id, the document id of every output
  std::string_view dataset{};  ///< actabeat.audit …
  std::string_view key{};      ///< host.id: the partition key
  std::string_view routes{};   ///< values of the fields that outputs ask for: see route.h
};

struct Doc {
  Meta meta;
  std::string_view json;  ///< one line, without its end; in a batch the end stands behind it
};

/// Documents in order, of one batch or of several: views, valid as long as the batches.
using Docs = std::span<const Doc>;

/// How many of the documents of batches, from the first on, lie side by side in memory.
size_t side_by_side(Docs docs);
/// Documents of a batch that lie side by side, as lines of text, each with its end.
std::string_view lines_of(Docs docs);

/// Encoded documents in order: the unit of every hop after encoding. Owns all bytes; movable; one thread at a time.
class Batch {
 public:
  /// Copies document and meta in.
  void add(const Meta& meta, std::string_view json);

  /// For writing a document in place: append JSON to the returned buffer, then call commit. Nothing else in between.
  std::string& begin();
  void commit(const Meta& meta);

  [[nodiscard]] size_t size() const { return docs_.size(); }
  [[nodiscard]] bool empty() const { return docs_.empty(); }
  /// Of documents and metas, without the ends of lines.
  [[nodiscard]] size_t bytes() const { return lines_.size() - docs_.size() + metas_.size(); }
  [[nodiscard]] Doc operator[](size_t i) const;
  [[nodiscard]] std::vector<Doc> docs() const;
  void clear();

 private:
  struct Slot {
    Nanos timestamp;
    size_t json, json_end;                 // offsets in lines_
    size_t id, dataset, key, routes, end;  // offsets in metas_, in this order
  };
  std::string lines_;  // documents, each with the end of its line
  std::string metas_;
  std::vector<Slot> docs_;
  size_t open_ = 0;
};

}  // namespace acta
