#include "sim/ledger.h"

#include <algorithm>

namespace acta::sim {
namespace {

/// The text between `before` and the next quote; "" when there is none.
std::string between(std::string_view json, std::string_view before) {
  const size_t at = json.find(before);
  if (at == std::string_view::npos) return {};
  const size_t from = at + before.size();
  return std::string(json.substr(from, json.find('"', from) - from));
}

/// Without what a second delivery may have different: event.created and agent.ephemeral_id.
std::string lasting(std::string_view json) {
  std::string text(json);
  for (const std::string_view before : {"\"created\":\"", "\"ephemeral_id\":\""}) {
    const size_t at = text.find(before);
    if (at == std::string::npos) continue;
    const size_t from = at + before.size();
    text.erase(from, text.find('"', from) - from);
  }
  return text;
}

}  // namespace

void Ledger::problem(std::string what) {
  constexpr size_t kProblemsMax = 20;
  if (problems_.size() < kProblemsMax) problems_.push_back(std::move(what));
}

void Ledger::arrived(const std::string& id, std::string_view json) {
  const std::string content = lasting(json);
  const auto [known, fresh] = content_.emplace(id, content);
  if (!fresh) {
    if (known->second != content) problem(id + " came with two contents:\n  " + known->second + "\n  " + content);
    return;
  }
  const auto event = events_.find(id);
  if (event == events_.end()) {
    const std::string process = "sim" + between(json, "\"name\":\"sim");
    if (!processes_.contains(process)) return problem("unknown document " + id + ": " + content);
    const auto [owner, first] = ids_.emplace(process, id);
    if (!first) problem(process + " has two ids: " + owner->second + " and " + id);
    return;
  }
  for (const std::string& token : event->second) {
    if (json.find(token) == std::string_view::npos) problem(id + " came without " + token + ": " + content);
  }
}

void Ledger::check_complete(const std::set<std::string>& ids, const std::string& where) {
  for (const auto& [id, tokens] : events_) {
    if (!ids.contains(id)) problem(id + " is lost to " + where);
  }
  for (const std::string& name : processes_) {
    const auto id = ids_.find(name);
    if (id == ids_.end() || !ids.contains(id->second)) problem(name + " is lost to " + where);
  }
}

}  // namespace acta::sim
