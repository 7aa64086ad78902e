// go-libaudit's own golden records (auparse/testdata): type, sequence, time and every field of every line.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "processors/audit/record.h"
#include "processors/audit/sockaddr.h"
#include "support/audit_lines.h"
#include "support/shared.h"

namespace acta::audit {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string time_text(const EventKey& key) {
  const std::time_t second = key.second;
  std::tm parts{};
  gmtime_r(&second, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string milli = fmt::format("{:03}", key.millisecond);  // Go writes no trailing zeros
  while (!milli.empty() && milli.back() == '0') milli.pop_back();
  return fmt::format("{}{}{}Z", text, milli.empty() ? "" : ".", milli);
}

// What go-libaudit makes of our fields: the values that it may give for a key, and why.
class Expectation {
 public:
  explicit Expectation(const Record& record) { split_fields(record, fields_); }

  [[nodiscard]] bool allows(const std::string& key, const std::string& value) const {
    for (const Field& field : fields_) {
      if (field.key == key && agrees(field, value)) return true;
    }
    return is_renamed(key, value) || is_context_part(key, value) || is_address(key, value);
  }

 private:
  // As printed; unhexed (NUL as space); "unset"; a word for a number, which the interpreter's tests compare.
  [[nodiscard]] static bool agrees(const Field& field, const std::string& value) {
    if (field.value == value) return true;
    if (field.value == "4294967295" && value == "unset") return true;
    if (field.key == "arch" || field.key == "syscall" || field.key == "exit" || field.key == "sig") return true;
    if (field.key == "seperms") {
      std::string commas(field.value);
      std::replace(commas.begin(), commas.end(), ' ', ',');
      return commas == value;
    }
    // Deviation: it ends op= at the first space.
    if (field.key == "op" && field.value.substr(0, field.value.find(' ')) == value) return true;
    std::string text;
    if (field.quoted || !decode_hex(field.value, text)) return false;
    std::replace(text.begin(), text.end(), '\0', ' ');
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text == value;
  }

  // Names that it changes: res, success and result become result; "old auid" becomes old_auid; a few more.
  [[nodiscard]] bool is_renamed(const std::string& key, const std::string& value) const {
    static const std::map<std::string, std::vector<std::string>> kNames{{"result", {"success", "res", "result"}},
                                                                        {"old_auid", {"old-auid"}},
                                                                        {"new_auid", {"auid"}},
                                                                        {"old_ses", {"old-ses"}},
                                                                        {"new_ses", {"ses"}},
                                                                        {"new-ses", {"ses"}}};
    const auto names = kNames.find(key);
    if (names == kNames.end()) return false;
    for (const Field& field : fields_) {
      if (std::find(names->second.begin(), names->second.end(), field.key) == names->second.end()) continue;
      if (key != "result") return agrees(field, value);
      const bool success = field.value == "yes" || field.value == "1" || field.value == "success";
      if (value == (success ? "success" : "fail")) return true;
    }
    return false;
  }

  // subj_user, obj_role …: the parts of a security context.
  [[nodiscard]] bool is_context_part(const std::string& key, const std::string& value) const {
    for (const Field& field : fields_) {
      if (key.starts_with(std::string(field.key) + "_") && field.value.find(value) != std::string_view::npos)
        return true;
    }
    return false;
  }

  [[nodiscard]] bool is_address(const std::string& key, const std::string& value) const {
    SocketAddress address;
    for (const Field& field : fields_) {
      if (field.key == "saddr" && read_sockaddr(field.value, address)) {
        if (key == "family") return value == address.family_name;
        if (key == "addr") return value == address.address;
        if (key == "port") return address.port && value == fmt::format("{}", *address.port);
        if (key == "path") return value == address.path;
      }
    }
    return false;
  }

  std::vector<Field> fields_;
};

void compare(const std::string& folder, const std::string& name, size_t& values) {
  rapidjson::Document golden;
  const std::string text = test::read_log(folder + name + ".golden");
  golden.Parse(text.c_str());
  ASSERT_TRUE(golden.IsArray()) << name;
  rapidjson::SizeType index = 0;
  test::for_each_line(test::read_log(folder + name), [&](std::string_view line) {
    ASSERT_LT(index, golden.Size());
    const auto& item = golden[index++];
    const auto record = parse_record(line);
    if (item.IsNull()) {  // an error to both
      EXPECT_FALSE(record.has_value()) << line;
      return;
    }
    ASSERT_TRUE(record.has_value()) << line;
    EXPECT_EQ(lower(record->type_name), item["record_type"].GetString());
    EXPECT_EQ(record->key.serial, item["sequence"].GetUint64());
    EXPECT_EQ(time_text(record->key), item["@timestamp"].GetString());
    if (!item.HasMember("data")) return;
    const Expectation expectation(*record);
    for (const auto& member : item["data"].GetObject()) {
      ++values;
      EXPECT_TRUE(expectation.allows(member.name.GetString(), member.value.GetString()))
          << line << "\n"
          << member.name.GetString() << "=" << member.value.GetString();
    }
  });
  EXPECT_EQ(index, golden.Size()) << name;
}

TEST(GoLibauditRecords, TypeSequenceTimeAndFields) {
  SKIP_WITHOUT_SHARED(shared);
  const std::string folder = *shared + "/golden/beats/go-libaudit/auparse/testdata/";
  size_t values = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") compare(folder, entry.path().filename(), values);
  }
  EXPECT_GT(values, 800u);
}

}  // namespace
}  // namespace acta::audit
