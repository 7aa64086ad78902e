#include "support/flat_json.h"

#include <gtest/gtest.h>

#include "support/audit_documents.h"

namespace acta::test {
namespace {

std::string scalar(const rapidjson::Value& value) {
  if (value.IsString()) return {value.GetString(), value.GetStringLength()};
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  return std::to_string(value.GetDouble());
}

void flatten_into(const rapidjson::Value& value, const std::string& path, std::map<std::string, std::string>& out) {
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      flatten_into(member.value, (path.empty() ? "" : path + ".") + member.name.GetString(), out);
    }
  } else if (value.IsArray()) {
    std::string joined;
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      if (value[i].IsObject()) {
        flatten_into(value[i], path + "[" + std::to_string(i) + "]", out);
      } else {
        joined += (joined.empty() ? "" : "|") + scalar(value[i]);
      }
    }
    if (!joined.empty()) out[path] = joined;
  } else if (!value.IsNull()) {
    out[path] = scalar(value);
  }
}

bool matches(const std::string& pattern, const std::string& path) {
  if (pattern.ends_with('*')) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == path;
}

}  // namespace

bool has_all(const std::string& expected, const std::string& ours) {
  for (size_t at = 0; at < expected.size();) {
    const size_t end = std::min(expected.find('|', at), expected.size());
    if (("|" + ours + "|").find("|" + expected.substr(at, end - at) + "|") == std::string::npos) return false;
    at = end + 1;
  }
  return true;
}

bool is_none(const std::string&, const std::string& ours) {
  return ours == "<none>";
}

std::map<std::string, std::string> flatten(const rapidjson::Value& object) {
  std::map<std::string, std::string> out;
  flatten_into(object, "", out);
  return out;
}

Comparison::Comparison(std::vector<std::pair<std::string, std::string>> renames, std::vector<Deviation> deviations)
    : renames_(std::move(renames)), deviations_(std::move(deviations)), used_(deviations_.size()) {}

std::string Comparison::our_path(const std::string& path) const {
  for (const auto& [theirs, ours] : renames_) {
    if (theirs.ends_with('.') || theirs.ends_with('[') ? path.starts_with(theirs) : path == theirs)
      return ours + path.substr(theirs.size());
  }
  return path;
}

bool Comparison::deviates(const std::string& path, const std::string& record, const std::string& expected,
                          const std::string& ours, const std::map<std::string, std::string>& flat) {
  for (size_t i = 0; i < deviations_.size(); ++i) {
    const Deviation& deviation = deviations_[i];
    if (!matches(deviation.path, path) || (!deviation.record.empty() && !matches(deviation.record, record))) continue;
    if (!deviation.stands_at.empty()) {
      const auto there = flat.find(deviation.stands_at);
      if (there == flat.end() || there->second != expected) continue;
    }
    if (deviation.accepts && !deviation.accepts(expected, ours)) continue;
    ++used_[i];
    return true;
  }
  return false;
}

void Comparison::compare(const std::string& name, const rapidjson::Value& expected, const rapidjson::Value& ours) {
  const auto flat = flatten(ours);
  const std::string record = text_at(ours, "auditd.message_type");
  for (const auto& [path, value] : flatten(expected)) {
    const auto found = flat.find(our_path(path));
    const std::string our_value = found == flat.end() ? "<none>" : found->second;
    if (our_value == value) {
      ++equal_;
    } else {
      EXPECT_TRUE(deviates(path, record, value, our_value, flat))
          << name << " (" << record << "): " << path << "\n  expected " << value << "\n  ours     " << our_value;
    }
  }
}

void Comparison::finish() const {
  for (size_t i = 0; i < deviations_.size(); ++i) {
    if (deviations_[i].rare) continue;
    EXPECT_GT(used_[i], 0u) << "no document needs the deviation of " << deviations_[i].path << ": "
                            << deviations_[i].reason;
  }
}

}  // namespace acta::test
