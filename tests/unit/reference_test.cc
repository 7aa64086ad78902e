#include "app/reference.h"

#include <gtest/gtest.h>

#include <set>

#include "app/components.h"
#include "app/schema.h"
#include "config/general.h"
#include "config/loader.h"

namespace acta {
namespace {

/// The reference with its options taken in: "#key" becomes "key"; "# words" stay comments.
std::string uncommented(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    const size_t hash = line.find_first_not_of(' ');
    if (hash != std::string::npos && line[hash] == '#' && hash + 1 < line.size() && line[hash + 1] != ' ')
      line.erase(hash, 1);
    out += line + "\n";
    at = end + 1;
  }
  return out;
}

TEST(Reference, IsAConfigurationButForWhatIsRequired) {
  const Catalog catalog = make_catalog();
  const auto config = parse_config("reference.yml", uncommented(reference_yml(catalog)), catalog, {});
  ASSERT_FALSE(config);  // paths and the like have no default
  std::string_view rest = config.error().what;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    EXPECT_NE(line.find("must not be empty: "), std::string_view::npos) << line;
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
}

TEST(Reference, HasEveryOption) {
  const Catalog catalog = make_catalog();
  EXPECT_FALSE(catalog.inputs.empty());
  EXPECT_FALSE(catalog.processors.empty());
  EXPECT_FALSE(catalog.outputs.empty());
  const std::string text = reference_yml(catalog);
  const auto expect_all = [&](std::span<const Option> options) {
    for (const Option& option : options) {
      EXPECT_NE(text.find("#" + std::string(option.key) + ": "), std::string::npos) << option.key;
    }
  };
  expect_all(config::general_options());
  expect_all(catalog.delivery);
  for (const auto* entries : {&catalog.inputs, &catalog.processors, &catalog.outputs}) {
    for (const CatalogEntry& entry : *entries) expect_all(entry.options);
  }
}

/// No option of a component hides one that all of its kind have.
TEST(Catalog, HasNoKeyTwice) {
  const Catalog catalog = make_catalog();
  const auto expect_distinct = [](std::string_view name, std::initializer_list<std::span<const Option>> tables) {
    std::set<std::string_view> keys;
    for (const auto& table : tables) {
      for (const Option& option : table) {
        EXPECT_TRUE(keys.insert(option.key).second) << name << ": " << option.key;
        EXPECT_FALSE(option.help.empty()) << name << ": " << option.key;
      }
    }
  };
  expect_distinct("general", {config::general_options()});
  for (const CatalogEntry& e : catalog.inputs) expect_distinct(e.name, {config::input_options(), e.options});
  for (const CatalogEntry& e : catalog.outputs)
    expect_distinct(e.name, {config::output_options(), catalog.delivery, e.options});
  for (const CatalogEntry& e : catalog.processors) expect_distinct(e.name, {e.options});
}

TEST(Schema, NamesEveryComponent) {
  const Catalog catalog = make_catalog();
  const std::string schema = config_schema(catalog);
  for (const auto* entries : {&catalog.inputs, &catalog.processors, &catalog.outputs}) {
    for (const CatalogEntry& entry : *entries) {
      EXPECT_NE(schema.find("\"" + std::string(entry.name) + "\""), std::string::npos) << entry.name;
    }
  }
}

}  // namespace
}  // namespace acta
