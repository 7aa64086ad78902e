#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace acta {

/// A `when:` condition as written, checked in its form only; processors/condition.h makes it testable against events.
/// A value: copied freely.
struct ConditionSpec {
  enum class Op : uint8_t { equals, contains, regexp, range, network, has_fields, all, any, none };

  /// One test of a field. Several tests of one operator must all hold.
  struct Test {
    std::string field;                ///< dotted
    std::string bound;                ///< range: gt, gte, lt, lte
    std::vector<std::string> values;  ///< as text; one but for network
  };

  Op op = Op::all;
  std::vector<Test> tests;              ///< of equals, contains, regexp, range, network, has_fields
  std::vector<ConditionSpec> children;  ///< of all (and), any (or), none (not: one)
  std::string where;                    ///< "file:line:column"
};

}  // namespace acta
