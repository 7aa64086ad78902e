#pragma once
#include <string_view>
#include <vector>

#include "event/event.h"

namespace acta {

/// Writes the entries of a field anew: takes them out, lets the caller change or leave out some, and puts them back in
/// their order. Buffers are reused. One thread.
class Rewrite {
 public:
  /// The entries of the field as they are now, in order.
  std::vector<Event::Entry>& take(const Event& event, FieldId id);
  /// Makes the taken entries, as changed since, those of the field. Texts are borrowed: they must live in the event's
  /// arena or longer.
  void put_back(Event& event, FieldId id);

 private:
  std::vector<Event::Entry> entries_;
};

}  // namespace acta
