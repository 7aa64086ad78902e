// UserDb from passwd(5) and group(5) files.
#include <charconv>
#include <unordered_map>

#include "base/fs.h"
#include "sys/user_db.h"

namespace acta {
namespace {

constexpr size_t kFileBytesMax = 64u << 20;
constexpr uint32_t kUnset = UINT32_MAX;

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Names {
  std::unordered_map<uint32_t, std::string> by_id;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> by_name;

  [[nodiscard]] std::string_view name(uint32_t id) const {
    const auto found = by_id.find(id);
    return found == by_id.end() ? std::string_view() : std::string_view(found->second);
  }
  [[nodiscard]] std::optional<uint32_t> id(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? std::nullopt : std::optional(found->second);
  }
};

class FileDb final : public UserDb {
 public:
  FileDb() = default;
  FileDb(Names users, Names groups) : users_(std::move(users)), groups_(std::move(groups)) {}
  std::string_view user_name(uint32_t uid) override { return users_.name(uid); }
  std::string_view group_name(uint32_t gid) override { return groups_.name(gid); }
  std::optional<uint32_t> user_id(std::string_view name) override { return users_.id(name); }
  std::optional<uint32_t> group_id(std::string_view name) override { return groups_.id(name); }

 private:
  Names users_;
  Names groups_;
};

/// Takes the text up to the next ':' off `rest`; nothing when there is none.
std::optional<std::string_view> field(std::string_view& rest) {
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view text = rest.substr(0, colon);
  rest.remove_prefix(colon + 1);
  return text;
}

/// Reads "name:password:id:…" into `names`. Returns what is wrong with the line, or "".
std::string_view read_line(std::string_view line, Names& names) {
  const auto name = field(line);
  const auto password = field(line);
  const auto number = field(line);
  if (!name || !password || !number) return "fewer than four fields";
  if (name->empty()) return "no name";
  uint32_t id = 0;
  const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), id);
  if (error != std::errc{} || end != number->data() + number->size()) return "the id is not a number below 2^32";
  if (id != kUnset) names.by_id.emplace(id, *name);
  names.by_name.emplace(*name, id);
  return {};
}

Result<Names> read_names(const std::string& path) {
  Names names;
  if (path.empty()) return names;
  PosixFs fs;
  const auto content = read_file(fs, path, kFileBytesMax);
  if (!content) return tl::unexpected(content.error());
  std::string_view rest = *content;
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#' || line.front() == '+' || line.front() == '-') continue;
    const std::string_view wrong = read_line(line, names);
    if (!wrong.empty()) return fail(Errc::corrupt, path + ":" + std::to_string(number) + ": " + std::string(wrong));
  }
  return names;
}

}  // namespace

Result<std::unique_ptr<UserDb>> UserDb::of_files(const std::string& passwd, const std::string& group) {
  auto users = read_names(passwd);
  if (!users) return tl::unexpected(users.error());
  auto groups = read_names(group);
  if (!groups) return tl::unexpected(groups.error());
  return std::make_unique<FileDb>(std::move(*users), std::move(*groups));
}

std::unique_ptr<UserDb> UserDb::empty() {
  return std::make_unique<FileDb>();
}

}  // namespace acta
