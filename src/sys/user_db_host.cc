// UserDb from a NameSource, with a cache and a deadline.
#include <unordered_map>
#include <vector>

#include "sys/look_up_thread.h"
#include "sys/user_db.h"

namespace acta {
namespace {

constexpr uint32_t kUnset = UINT32_MAX;
constexpr size_t kNameBytesMax = 256;  // longer names come from forged records; LOGIN_NAME_MAX is 256

struct Hash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  size_t operator()(uint32_t id) const { return std::hash<uint32_t>{}(id); }
};

/// What is known of a key. `until`: monotonic time. Asked: a question is under way.
template <class Answer>
struct Known {
  Answer answer{};
  bool found = false;
  bool asked = false;
  Nanos until = 0;
};

/// Bounded map that forgets what was not used of late: two generations; when the younger is full it becomes the older,
/// and the older goes.
template <class Key, class Answer>
class Cache {
 public:
  explicit Cache(size_t entries_max) : half_(entries_max / 2 + 1) {}

  template <class K>
  Known<Answer>& at(const K& key) {
    if (const auto found = young_.find(key); found != young_.end()) return found->second;
    Known<Answer> known;
    if (const auto found = old_.find(key); found != old_.end()) {
      known = std::move(found->second);
      old_.erase(found);
    }
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return young_.emplace(Key(key), std::move(known)).first->second;
  }

 private:
  using Map = std::unordered_map<Key, Known<Answer>, Hash, std::equal_to<>>;
  size_t half_;
  Map young_;
  Map old_;
};

class SourceDb final : public UserDb {
 public:
  SourceDb(const Clock& clock, const Limits& limits, std::unique_ptr<NameSource> source)
      : clock_(clock),
        limits_(limits),
        thread_(std::move(source)),
        user_names_(limits.entries_max),
        group_names_(limits.entries_max),
        user_ids_(limits.entries_max),
        group_ids_(limits.entries_max) {}

  std::string_view user_name(uint32_t uid) override { return name(LookUp::Kind::user_name, user_names_, uid); }
  std::string_view group_name(uint32_t gid) override { return name(LookUp::Kind::group_name, group_names_, gid); }
  std::optional<uint32_t> user_id(std::string_view name) override { return id(LookUp::Kind::user_id, user_ids_, name); }
  std::optional<uint32_t> group_id(std::string_view name) override {
    return id(LookUp::Kind::group_id, group_ids_, name);
  }

 private:
  using Names = Cache<uint32_t, std::string>;
  using Ids = Cache<std::string, uint32_t>;

  std::string_view name(LookUp::Kind kind, Names& names, uint32_t id) {
    if (id == kUnset) return {};
    const auto& known = up_to_date(names, id, LookUp{.kind = kind, .id = id, .name = {}});
    return known.found ? std::string_view(known.answer) : std::string_view();
  }

  std::optional<uint32_t> id(LookUp::Kind kind, Ids& ids, std::string_view name) {
    const bool never = name.empty() || name.size() > kNameBytesMax || name.find('\0') != std::string_view::npos;
    if (never) return std::nullopt;
    const auto& known = up_to_date(ids, name, LookUp{.kind = kind, .id = 0, .name = std::string(name)});
    return known.found ? std::optional(known.answer) : std::nullopt;
  }

  /// The entry of the key after asking for it where needed: waits for the answer at most for the deadline, and not at
  /// all while the source is overdue.
  template <class Key, class Answer, class K>
  const Known<Answer>& up_to_date(Cache<Key, Answer>& cache, const K& key, LookUp question) {
    take_answers();
    Known<Answer>& known = cache.at(key);
    const Nanos now = clock_.monotonic();
    if (known.asked || now < known.until) return known;
    overdue_ = overdue_ && !thread_.wait(0);
    if (!thread_.ask(std::move(question))) return known;
    known.asked = true;
    if (overdue_) return known;
    overdue_ = !thread_.wait(limits_.deadline);
    if (take_answers() == 0) return known;
    return cache.at(key);
  }

  size_t take_answers() {
    thread_.take(answers_);
    const size_t count = answers_.size();
    for (LookUp& answer : answers_) {
      switch (answer.kind) {
        case LookUp::Kind::user_name:
          store(user_names_, answer.id, std::move(answer.name), answer.found);
          break;
        case LookUp::Kind::group_name:
          store(group_names_, answer.id, std::move(answer.name), answer.found);
          break;
        case LookUp::Kind::user_id:
          store(user_ids_, answer.name, uint32_t{answer.id}, answer.found);
          break;
        case LookUp::Kind::group_id:
          store(group_ids_, answer.name, uint32_t{answer.id}, answer.found);
          break;
      }
    }
    answers_.clear();
    return count;
  }

  template <class Key, class Answer, class K>
  void store(Cache<Key, Answer>& cache, const K& key, Answer answer, bool found) {
    Known<Answer>& known = cache.at(key);
    known.answer = std::move(answer);
    known.found = found;
    known.asked = false;
    known.until = clock_.monotonic() + (found ? limits_.ttl : limits_.negative_ttl);
  }

  const Clock& clock_;
  Limits limits_;
  LookUpThread thread_;
  Names user_names_;
  Names group_names_;
  Ids user_ids_;
  Ids group_ids_;
  std::vector<LookUp> answers_;
  bool overdue_ = false;  ///< the last question waited for its whole deadline
};

}  // namespace

std::unique_ptr<UserDb> UserDb::of_source(const Clock& clock, const Limits& limits,
                                          std::unique_ptr<NameSource> source) {
  return std::make_unique<SourceDb>(clock, limits, std::move(source));
}

std::unique_ptr<UserDb> UserDb::of_host(const Clock& clock, const Limits& limits) {
  return of_source(clock, limits, name_services());
}

}  // namespace acta
