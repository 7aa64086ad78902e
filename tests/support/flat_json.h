#pragma once
#include <rapidjson/document.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace acta::test {

/// The leaves of a JSON object by dotted path: strings as they are, numbers and booleans in decimal, null and empty
/// objects left out. Lists of scalars are one leaf, their items joined by "|" ; items of lists of objects have [i] in
/// their paths.
std::map<std::string, std::string> flatten(const rapidjson::Value& object);

/// One way in which our documents differ from another product's on purpose.
struct Deviation {
  std::string path;    ///< of the expected document; a `*` at the end stands for anything
  std::string record;  ///< auditd.message_type that it holds for, a `*` at the end as in `path`; empty: any
  std::string reason;
  /// Our value for an expected one, or a test of ours against it; none: our document may hold anything or nothing
  /// there.
  std::function<bool(const std::string& expected, const std::string& ours)> accepts{};
  std::string stands_at{};  ///< and only where our document has the expected value at this path; empty: anywhere
  bool rare = false;        ///< a rule that the material at hand need not show
};

/// Whether every word of `expected` (joined by "|") is among ours.
bool has_all(const std::string& expected, const std::string& ours);
/// Whether our document has nothing there.
bool is_none(const std::string& expected, const std::string& ours);

/// Compares documents of another product with ours, leaf by leaf. A difference without a deviation fails the test, and
/// so does a deviation that no document needs.
class Comparison {
 public:
  /// `renames`: expected paths, or beginnings of them that end in ".", and ours.
  Comparison(std::vector<std::pair<std::string, std::string>> renames, std::vector<Deviation> deviations);
  void compare(const std::string& name, const rapidjson::Value& expected, const rapidjson::Value& ours);
  /// Reports deviations that were never needed.
  void finish() const;
  [[nodiscard]] size_t equal() const { return equal_; }

 private:
  [[nodiscard]] std::string our_path(const std::string& path) const;
  bool deviates(const std::string& path, const std::string& record, const std::string& expected,
                const std::string& ours, const std::map<std::string, std::string>& flat);

  std::vector<std::pair<std::string, std::string>> renames_;
  std::vector<Deviation> deviations_;
  std::vector<size_t> used_;
  size_t equal_ = 0;
};

}  // namespace acta::test
