#include "processors/audit/file_fields.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>

#include "processors/audit/identity.h"
#include "processors/audit/path.h"
#include "processors/audit/process_fields.h"
#include "processors/audit/record_types.h"
#include "processors/audit/related.h"

namespace acta::audit {
namespace {

constexpr uint64_t kModeMax = 0177777;

std::string_view says(const RecordFields& record, Key key) {
  const FieldSlot* slot = record.find(key);
  return slot == nullptr || slot->absent() ? std::string_view{} : slot->text;
}

std::optional<uint64_t> read_octal(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, 8);
  if (text.empty() || read.ptr != end || read.ec != std::errc{}) return std::nullopt;
  return number;
}

std::string_view file_type(uint64_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "dir";
    case S_IFLNK:
      return "symlink";
    case S_IFSOCK:
      return "socket";
    case S_IFIFO:
      return "fifo";
    case S_IFCHR:
      return "character";
    case S_IFBLK:
      return "block";
    default:
      return {};
  }
}

bool is_number(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

// Calls whose name begins at a directory descriptor: which argument holds it, for their first and second path; -1 for
// none.
struct Descriptors {
  std::string_view call;
  int first, second;
};
constexpr Descriptors kDescriptors[] = {{"openat", 0, -1},     {"openat2", 0, -1},     {"unlinkat", 0, -1},
                                        {"mkdirat", 0, -1},    {"mknodat", 0, -1},     {"fchownat", 0, -1},
                                        {"fchmodat", 0, -1},   {"fchmodat2", 0, -1},   {"faccessat", 0, -1},
                                        {"faccessat2", 0, -1}, {"readlinkat", 0, -1},  {"newfstatat", 0, -1},
                                        {"fstatat64", 0, -1},  {"statx", 0, -1},       {"utimensat", 0, -1},
                                        {"futimesat", 0, -1},  {"execveat", 0, -1},    {"name_to_handle_at", 0, -1},
                                        {"renameat", 0, 2},    {"renameat2", 0, 2},    {"linkat", 2, 0},
                                        {"symlinkat", 1, -1},  {"open_tree", 0, -1},   {"mount_setattr", 0, -1},
                                        {"move_mount", 0, 2},  {"setxattrat", 0, -1},  {"removexattrat", 0, -1},
                                        {"getxattrat", 0, -1}, {"listxattrat", 0, -1}, {"inotify_add_watch", -1, -1}};

// AT_FDCWD as the kernel prints it: 32 or 64 bits, depending on the caller.
bool is_working_directory(std::string_view argument) {
  return argument == "ffffff9c" || argument == "ffffffffffffff9c";
}

// True when a relative name begins somewhere else than in the working directory.
bool begins_elsewhere(const Draft& draft, bool second) {
  if (draft.syscall_record < 0) return false;
  const std::string_view call = draft.syscall_text;
  if (call.size() < 5) return false;
  for (const Descriptors& row : kDescriptors) {
    if (row.call != call) continue;
    const int argument = second ? row.second : row.first;
    if (argument < 0) return false;
    constexpr Key kArguments[] = {Key::kA0, Key::kA1, Key::kA2, Key::kA3};
    const std::string_view text = draft.text(kArguments[argument]);
    return !text.empty() && !is_working_directory(text);
  }
  return false;
}

bool is_two_path_call(const Rule& rule) {
  return rule.action == "renamed" || rule.action == "linked" || rule.action == "symlinked";
}

}  // namespace

void FileFields::write(Draft& draft) {
  path_ = type_ = {};
  change_ = FileChange::none;
  read_items(draft);
  const Item* item = choose(draft);
  if (item == nullptr) {
    write_named(draft);
    return;
  }
  Event& out = *draft.out;
  path_ = path_of(draft, *item, false);
  if (!path_.empty()) write_path(draft, path_);
  write_inode(draft, *item->record);
  change_ = change_of(draft, *item);
  if (draft.syscall_rule == nullptr || !is_two_path_call(*draft.syscall_rule)) return;
  if (const Item* second = other(draft, *item)) {
    // The text of a symbolic link begins at the link, not in the working directory: as it is.
    const bool text = draft.syscall_rule->action == "symlinked";
    const std::string_view target = text ? says(*second->record, Key::kName) : path_of(draft, *second, true);
    if (!target.empty()) out.set_view(FieldId::kFileTargetPath, target);
  }
}

void FileFields::read_items(const Draft& draft) {
  items_.clear();
  for (size_t i = 0; i < draft.fields->size(); ++i) {
    const RecordFields& record = (*draft.fields)[i];
    if (record.type() != type::kPath) continue;
    const FieldSlot* slot = record.find(Key::kNametype);
    if (slot == nullptr) slot = record.find(Key::kObjtype);
    const std::string_view text = slot == nullptr ? std::string_view{} : slot->text;
    NameType name_type = NameType::unknown;
    if (text == "NORMAL") {
      name_type = NameType::normal;
    } else if (text == "PARENT") {
      name_type = NameType::parent;
    } else if (text == "CREATE") {
      name_type = NameType::create;
    } else if (text == "DELETE") {
      name_type = NameType::remove;
    }
    items_.push_back({.record = &record, .type = name_type});
  }
}

const FileFields::Item* FileFields::choose(const Draft& draft) const {
  const Item* created = nullptr;
  const Item* normal = nullptr;
  const Item* unknown = nullptr;
  size_t normals = 0;
  for (const Item& item : items_) {
    switch (item.type) {
      case NameType::create:
      case NameType::remove:
        if (created == nullptr) created = &item;
        break;
      case NameType::normal:
        ++normals;
        if (normal == nullptr) normal = &item;
        break;
      case NameType::unknown:
        if (unknown == nullptr) unknown = &item;
        break;
      case NameType::parent:
        break;
    }
  }
  if (created != nullptr) return created;
  // Several that were there, or none with a name type (kernels before 2.6.26 print none): by position.
  const size_t position = draft.syscall_rule == nullptr ? 0 : draft.syscall_rule->path_index;
  const bool by_position = position < items_.size() && (normals > 1 || (normals == 0 && unknown != nullptr));
  if (by_position && items_[position].type != NameType::parent) return &items_[position];
  if (normal != nullptr) return normal;
  if (unknown != nullptr) return unknown;
  return items_.empty() ? nullptr : &items_.front();
}

// The other path of rename, link and symlink: what was created after what was deleted, or what a created link leads to.
const FileFields::Item* FileFields::other(const Draft& draft, const Item& chosen) const {
  const bool renamed = draft.syscall_rule->action == "renamed";
  const Item* found = nullptr;
  for (const Item& item : items_) {
    if (&item == &chosen || item.type == NameType::parent) continue;
    if (renamed && item.type == NameType::remove && chosen.type == NameType::remove)
      continue;  // a file that was overwritten
    if (found == nullptr) found = &item;
  }
  return found;
}

std::string_view FileFields::path_of(Draft& draft, const Item& item, bool second) {
  const std::string_view name = says(*item.record, Key::kName);
  if (name.empty()) return {};
  Event& out = *draft.out;
  const std::string_view cwd = draft.text(Key::kCwd);
  if (name[0] == '/' || !begins_elsewhere(draft, second)) return absolute_path(cwd, name, out.arena());
  // The kernel prints the working directory for a parent that is a descriptor, which says nothing; another absolute
  // name does.
  for (const Item& parent : items_) {
    if (parent.type != NameType::parent) continue;
    const std::string_view directory = says(*parent.record, Key::kName);
    if (directory.starts_with('/') && directory != cwd) return absolute_path(directory, base_name(name), out.arena());
  }
  out.add_view(FieldId::kAuditdWarnings, "file.path is relative to a directory that the records do not name");
  return name;
}

void FileFields::write_path(Draft& draft, std::string_view path) {
  Event& out = *draft.out;
  out.set_view(FieldId::kFilePath, path);
  if (const std::string_view directory = directory_of(path); !directory.empty())
    out.set_view(FieldId::kFileDirectory, directory);
  const std::string_view name = base_name(path);
  if (name.empty()) return;
  out.set_view(FieldId::kFileName, name);
  if (const std::string_view extension = extension_of(name); !extension.empty())
    out.set_view(FieldId::kFileExtension, extension);
}

void FileFields::write_inode(Draft& draft, const RecordFields& record) {
  Event& out = *draft.out;
  if (const std::string_view inode = says(record, Key::kInode); is_number(inode))
    out.set_view(FieldId::kFileInode, inode);
  if (const std::string_view device = says(record, Key::kDev); !device.empty())
    out.set_view(FieldId::kFileDevice, device);
  if (const auto mode = read_octal(says(record, Key::kMode)); mode && *mode <= kModeMax) {
    char* digits = out.arena().allocate(4);
    for (unsigned i = 0; i < 4; ++i) digits[i] = static_cast<char>('0' + ((*mode >> (3 * (3 - i))) & 7));
    out.set_view(FieldId::kFileMode, {digits, 4});
    type_ = file_type(*mode);
    if (!type_.empty()) out.set_view(FieldId::kFileType, type_);
  }
  const IdName owner = names_.user(record.find(Key::kOuid));
  set_user(out, FieldId::kFileUid, FieldId::kFileOwner, owner);
  set_group(out, FieldId::kFileGid, FieldId::kFileGroup, names_.group(record.find(Key::kOgid)));
  const FieldSlot* object = record.find(Key::kObj);
  const SelinuxContext context = object == nullptr ? SelinuxContext{} : parse_selinux_context(object->text);
  if (context.user.empty()) return;
  out.set_view(FieldId::kAuditdFileSelinuxUser, context.user);
  out.set_view(FieldId::kAuditdFileSelinuxRole, context.role);
  out.set_view(FieldId::kAuditdFileSelinuxDomain, context.domain);
  if (!context.level.empty()) out.set_view(FieldId::kAuditdFileSelinuxLevel, context.level);
}

// Events that name a file without a PATH record: a security module's decision, integrity.
void FileFields::write_named(Draft& draft) {
  const Rule* rule = draft.rule();
  bool of_file = false;
  if (rule != nullptr) {
    for (const std::string_view category : rule->category)
      of_file = of_file || category == "file" || category == "intrusion_detection";
  }
  if (!of_file) return;
  for (const Key key : {Key::kPath, Key::kName}) {
    const std::string_view name = draft.primary_text(key);
    if (!name.starts_with('/')) continue;
    path_ = absolute_path({}, name, draft.out->arena());
    write_path(draft, path_);
    return;
  }
}

FileChange FileFields::change_of(const Draft& draft, const Item& item) const {
  const std::string_view call = draft.syscall_text;
  if (draft.syscall_record < 0 || !call.starts_with("open")) return FileChange::none;
  std::optional<uint64_t> flags;
  if (call == "open") {
    flags = read_hex(draft.text(Key::kA1));
  } else if (call == "openat" || call == "open_by_handle_at") {
    flags = read_hex(draft.text(Key::kA2));
  } else if (call == "openat2") {
    if (const int i = draft.fields->find_record(type::kOpenat2); i >= 0)
      flags = read_octal(says(draft.record(i), Key::kOflag));
  } else {
    return FileChange::none;
  }
  if (item.type == NameType::create) return FileChange::creation;
  if (item.type == NameType::remove) return FileChange::deletion;
  if (!flags) return FileChange::info;
  return (*flags & O_ACCMODE) != O_RDONLY || (*flags & O_TRUNC) != 0 ? FileChange::change : FileChange::info;
}

}  // namespace acta::audit
