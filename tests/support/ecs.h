#pragma once
#include <rapidjson/document.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace acta::test {

/// The fields of the Elastic Common Schema, and what a document must be to follow it.
class Ecs {
 public:
  /// Reads ecs_flat.yml; fails the test when it cannot.
  explicit Ecs(const std::string& path);

  /// What is wrong with a document, one text each: fields that neither ECS nor our own prefixes have, or that
  /// fields.yaml does not list; wrong types; values that are not allowed; categories without a type of theirs; lists
  /// with doubled values.
  [[nodiscard]] std::vector<std::string> violations(const rapidjson::Value& document) const;

 private:
  struct Field {
    std::string type;
    bool array = false;
    std::set<std::string> allowed;
  };
  void check_value(const std::string& path, const rapidjson::Value& value, std::vector<std::string>& out) const;
  void check_scalar(const std::string& path, const std::string& type, const rapidjson::Value& value,
                    std::vector<std::string>& out) const;
  void check_object(const std::string& path, const rapidjson::Value& object, std::vector<std::string>& out) const;
  void check_kinds(const rapidjson::Value& document, std::vector<std::string>& out) const;

  std::map<std::string, Field> fields_;
  std::map<std::string, std::set<std::string>> types_of_category_;
};

}  // namespace acta::test
