#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "processors/audit/event_fields.h"
#include "sys/user_db.h"

namespace acta::audit {

/// A user or group of a record. Both empty: none (missing, or unset: 4294967295, -1).
struct IdName {
  std::string_view id{};
  std::string_view name{};
  [[nodiscard]] bool any() const { return !id.empty() || !name.empty(); }
};

/// True for what an id field prints when there is no id.
bool is_unset_id(std::string_view text);
/// The id that `text` is in decimal; -1 when it is none, or the one that means unset (4294967295).
int64_t id_number(std::string_view text);
/// A user or group id: decimal, below 4294967295.
inline std::optional<uint32_t> read_id(std::string_view text) {
  const int64_t id = id_number(text);  // an optional that is returned from afar is put together in memory
  return id < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(id));
}

/// IdNames of the ids in an event: what the writer of the log said (the enriched tail) before what a UserDb says now.
/// Remembers the names of one event. One thread.
class IdNames {
 public:
  /// A new event: whose users, and where names are kept.
  void begin(UserDb* users, Arena& arena);

  IdName user(const FieldSlot* slot) { return of(slot, false); }
  IdName group(const FieldSlot* slot) { return of(slot, true); }
  /// The user of that name, with the id when it is known.
  IdName user_named(std::string_view name);
  IdName group_named(std::string_view name);

  /// The name of an id that no field prints in decimal; empty when there is none.
  std::string_view name_of(uint32_t id, bool group) { return look_up(digits(id), id, group); }
  /// The words for an id field: tail, "unset", or name; empty when there are none.
  std::string_view words(const FieldSlot& slot, bool group);

 private:
  struct Known {
    std::string_view id;
    std::string_view name;
    bool group;
  };
  IdName of(const FieldSlot* slot, bool group);
  std::string_view look_up(std::string_view text, uint32_t id, bool group);
  std::string_view digits(uint32_t id);

  UserDb* users_ = nullptr;
  Arena* arena_ = nullptr;
  std::vector<Known> known_;
};

}  // namespace acta::audit
