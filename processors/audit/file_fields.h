#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "processors/audit/draft.h"
#include "processors/audit/id_names.h"

namespace acta::audit {

/// What an event did to the file it is about, by name type and open flags; none: as the table says.
enum class FileChange : uint8_t { none, info, creation, change, deletion };

/// Writes file.* and auditd.file.selinux.* from the PATH records: the file that the event is about is the one created
/// or deleted, else one that was there, else one looked for, and a directory that only holds it when there is no other.
/// Paths are made absolute with the working directory; for calls that name a directory by a descriptor only with a
/// PARENT record that names it. One thread.
class FileFields {
 public:
  explicit FileFields(IdNames& names) : names_(names) {}

  void write(Draft& draft);
  /// file.path as written, or another word for the file (a module's name); empty when there is none. For the summary.
  [[nodiscard]] std::string_view path() const { return path_; }
  /// file.type as written; empty when not known.
  [[nodiscard]] std::string_view type() const { return type_; }
  /// Of open, openat, openat2, creat.
  [[nodiscard]] FileChange change() const { return change_; }

 private:
  enum class NameType : uint8_t { unknown, normal, parent, create, remove };
  struct Item {
    const RecordFields* record;
    NameType type;
  };

  void read_items(const Draft& draft);
  [[nodiscard]] const Item* choose(const Draft& draft) const;
  [[nodiscard]] const Item* other(const Draft& draft, const Item& chosen) const;
  std::string_view path_of(Draft& draft, const Item& item, bool second);
  void write_path(Draft& draft, std::string_view path);
  void write_inode(Draft& draft, const RecordFields& record);
  void write_named(Draft& draft);
  [[nodiscard]] FileChange change_of(const Draft& draft, const Item& item) const;

  IdNames& names_;
  std::vector<Item> items_;
  std::string_view path_;
  std::string_view type_;
  FileChange change_ = FileChange::none;
};

}  // namespace acta::audit
