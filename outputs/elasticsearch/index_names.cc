#include "outputs/elasticsearch/index_names.h"

#include <fmt/format.h>

namespace acta {
namespace {

// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create, "Index names must meet the
// following criteria"; OpenSearch has the same rules.
constexpr std::string_view kNotInNames = "\\/*?\"<>| ,#:";
constexpr size_t kNameBytesMax = 255;
constexpr std::string_view kAuditDataset = "actabeat.audit";

/// https://www.elastic.co/docs/reference/ecs/ecs-data_stream: what a namespace may be
Result<> check_namespace(std::string_view name) {
  constexpr size_t kBytesMax = 100;
  const bool lower = name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
  if (!name.empty() && name.size() <= kBytesMax && lower && name.find('-') == std::string_view::npos &&
      name.find_first_of(kNotInNames) == std::string_view::npos)
    return {};
  return fail(Errc::config, fmt::format("namespace: '{}' cannot be one: lower case, at most {} bytes, and none of - \\ "
                                        "/ * ? \" < > | , # : or a space",
                                        name, kBytesMax));
}

/// What stands in the format itself must be allowed as it is; only what documents bring is changed.
Result<> check_format(std::string_view index) {
  std::string fixed;
  for (size_t at = 0; at < index.size(); ++at) {
    if (index.substr(at).starts_with("%{")) at = std::min(index.find('}', at), index.size());
    if (at < index.size()) fixed.push_back(index[at] == '}' ? 'x' : index[at]);
  }
  std::string allowed = fixed;
  make_index_name(allowed);
  if (fixed == allowed) return {};
  return fail(Errc::config, fmt::format("index: '{}' is not an allowed name: lower case, at most {} bytes, none of {}, "
                                        "and it must not begin with - _ +",
                                        index, kNameBytesMax, kNotInNames));
}

}  // namespace

void make_index_name(std::string& name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (static_cast<uint8_t>(c) <= ' ' || c == '\x7f' || kNotInNames.find(c) != std::string_view::npos) c = '_';
  }
  if (name.size() > kNameBytesMax) {
    // Not in the middle of a character of UTF-8.
    size_t end = kNameBytesMax;
    while (end > 0 && (static_cast<uint8_t>(name[end]) & 0xC0) == 0x80) --end;
    name.resize(end);
  }
  if (name.empty() || name == "." || name == "..") name = "none";
  if (name.front() == '-' || name.front() == '_' || name.front() == '+') name.front() = 'x';
}

Result<IndexNames> IndexNames::make(const Settings& settings) {
  const std::string& name_space = settings.text("namespace");
  if (auto good = check_namespace(name_space); !good) return tl::unexpected(good.error());
  std::string index = settings.has("index") ? settings.text("index") : "";
  if (index.empty()) index = "logs-%{[event.dataset]}-" + name_space;
  if (auto good = check_format(index); !good) return tl::unexpected(good.error());
  auto format = FormatString::parse(index);
  if (!format) return fail(Errc::config, "index: " + format.error().what);
  IndexNames names(*std::move(format));
  const std::string& compat = settings.text("compat");
  if (compat == "auditd_manager") {
    names.renamed_.emplace(kAuditDataset, "logs-auditd_manager.auditd-" + name_space);
  } else if (compat == "auditbeat") {
    names.renamed_.emplace(kAuditDataset, fmt::format("auditbeat-actabeat-{}", name_space));
  }
  return names;
}

std::string_view IndexNames::of(const Meta& meta) {
  if (!renamed_.empty()) {
    dataset_.assign(meta.dataset);
    if (const auto found = renamed_.find(dataset_); found != renamed_.end()) return found->second;
  }
  name_.clear();
  format_.append(meta, name_);
  make_index_name(name_);
  return name_;
}

std::vector<std::string> index_patterns(const Settings& settings) {
  const std::string& name_space = settings.text("namespace");
  std::string index = settings.has("index") ? settings.text("index") : "";
  if (index.empty()) index = "logs-actabeat.*-" + name_space;
  for (size_t from = index.find("%{"); from != std::string::npos; from = index.find("%{", from)) {
    const size_t end = index.find('}', from);
    index.replace(from, end == std::string::npos ? end : end + 1 - from, "*");
  }
  std::vector<std::string> streams{index};
  if (settings.text("compat") == "auditd_manager") streams.push_back("logs-auditd_manager.auditd-" + name_space);
  if (settings.text("compat") == "auditbeat") streams.push_back("auditbeat-actabeat-" + name_space);
  return streams;
}

}  // namespace acta
