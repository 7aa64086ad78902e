#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event.h"

namespace acta {

/// A place in events that a user names: a field, or a key of a map or of a list of objects (auditd.data.syscall,
/// auditd.paths.name). Immutable; any thread.
struct FieldRef {
  FieldId id{};
  std::string key{};  ///< "interpreted.mode" stands for the key mode of the group interpreted

  /// Whether an entry of the field is meant.
  [[nodiscard]] bool covers(const Event::Entry& entry) const;
  /// Calls f(const Value&) for each value there: several in lists.
  template <class F>
  void each(const Event& event, F&& f) const {
    event.each(id, [&](const Event::Entry& entry) {
      if (covers(entry)) f(entry.value);
    });
  }
  [[nodiscard]] bool in(const Event& event) const;
};

/// One field by its name. Fails for a name that no document has, with the nearest one, and for a group of fields.
Result<FieldRef> resolve_field(std::string_view name);

/// A field, or all fields below a group ("process.parent").
Result<std::vector<FieldRef>> resolve_fields(std::string_view name);

/// True when documents have no fields without this one: @timestamp, event.id …; it must not be dropped or set.
bool is_essential(FieldId id);

}  // namespace acta
