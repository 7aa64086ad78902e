#include <gtest/gtest.h>

#include "app/components.h"
#include "app/reference.h"
#include "config/loader.h"
#include "support/golden.h"

namespace acta {
namespace {

TEST(Generated, IsWhatIsCommitted) {
  for (const GeneratedFile& file : reference_files(make_catalog())) {
    EXPECT_EQ(test::compare_golden(file.path, file.content), "") << file.path;
  }
}

}  // namespace
}  // namespace acta
