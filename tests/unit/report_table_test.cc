#include "report/audit/report_table.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace acta::report::audit {
namespace {

TEST(ReportTable, NoColumnHasANameTwiceInJson) {
  for (const ReportKind& kind : report_kinds()) {
    std::set<std::string> names{"report", "host", "time"};  // of every row
    std::istringstream columns{std::string(kind.columns)};
    for (std::string name; columns >> name;) EXPECT_TRUE(names.insert(name).second) << kind.name << ": " << name;
  }
}

}  // namespace
}  // namespace acta::report::audit
