#include "report/reading.h"

#include <fmt/format.h>

#include <ctime>

namespace acta::report {
namespace {

constexpr std::string_view kLost = "actabeat.lost";
constexpr std::string_view kEcsMajor = "9";
constexpr size_t kHostsMax = 10'000;  // hosts that are told apart; documents may be made by anyone
constexpr size_t kHostsNamed = 10;

std::string shown(Nanos time) {
  const time_t second = static_cast<time_t>(time / kSecond);
  tm parts{};
  char text[32];
  if (::localtime_r(&second, &parts) == nullptr) return "?";
  return {text, ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

}  // namespace

bool Reading::is_wanted_host(const Document& document) {
  const std::string_view host = document.host();
  if (const auto found = hosts_.find(host); found != hosts_.end()) {
    ++found->second;
  } else if (hosts_.size() < kHostsMax) {
    hosts_.emplace(host, 1);
  }
  if (wanted_.hosts.empty()) return true;
  bool found = false;
  for (size_t i = 0; i < wanted_.hosts.size(); ++i) {
    const std::string& name = wanted_.hosts[i];
    const bool is = name == document.text("host.name") || name == document.text("host.hostname") ||
                    name == document.text("host.id");
    by_host_[i] += is ? 1 : 0;
    found = found || is;
  }
  return found;
}

void Reading::note_loss(const Document& document) {
  const auto from = parse_time(document.text("event.start"));
  const auto to = parse_time(document.text("event.end"));
  const Nanos first = from.value_or(document.timestamp().value_or(0));
  const Nanos last = to.value_or(first);
  if (last < wanted_.from || first > wanted_.to) return;
  ++losses_count_;
  if (losses_.size() == kLossesMax) return;
  losses_.push_back({first, last, std::string(document.host()), std::string(document.text("message"))});
}

Result<bool> Reading::next(Document& document) {
  for (;;) {
    auto more = source_.next(document);
    if (!more || !*more) return more;
    ++all_;
    const std::string_view dataset = document.dataset();
    const bool lost = dataset == kLost;
    const bool wanted = dataset == wanted_.dataset || (!wanted_.also.empty() && dataset == wanted_.also);
    if ((!lost && !wanted) || !is_wanted_host(document)) continue;
    if (lost) {
      note_loss(document);
      continue;
    }
    const std::string_view version = document.text("ecs.version");
    const std::string_view major = version.substr(0, version.find('.'));
    if (major != kEcsMajor && major_versions_.size() < kHostsNamed) ++major_versions_[std::string(major)];
    ++count_;
    return true;
  }
}

std::vector<std::string> Reading::remarks() const {
  std::vector<std::string> lines;
  for (const ToldLoss& loss : losses_) {
    lines.push_back(
        fmt::format("Lost, {} to {}, host {}: {}", shown(loss.from), shown(loss.to), loss.host, loss.message));
  }
  if (losses_count_ > losses_.size()) lines.push_back(fmt::format("{} more losses.", losses_count_ - losses_.size()));
  const Unread& unread = source_.unread();
  if (unread.lines > 0)
    lines.push_back(
        fmt::format("{} lines are no documents and not counted, the first: {}", unread.lines, unread.first));
  if (unread.places > 0)
    lines.push_back(
        fmt::format("{} places could not be read, what was there is not counted; the "
                    "first: {}",
                    unread.places, unread.first));
  for (const auto& [major, documents] : major_versions_) {
    lines.push_back(fmt::format("Some documents are of ECS {}, not {}: their fields may lie elsewhere.",
                                major.empty() ? "unknown" : major, kEcsMajor));
  }
  for (size_t i = 0; i < wanted_.hosts.size(); ++i) {
    if (by_host_[i] > 0) continue;
    std::vector<std::string_view> known;
    for (const auto& [host, documents] : hosts_) {
      if (known.size() < kHostsNamed) known.push_back(host);
    }
    const std::string there = known.empty() ? "" : fmt::format("; there are: {}", fmt::join(known, ", "));
    lines.push_back(fmt::format("No document is of host {}{}", wanted_.hosts[i], there));
  }
  if (count_ == 0 && wanted_.hosts.empty())
    lines.push_back(fmt::format("None of the {} documents read is of {}{}{}.", all_, wanted_.dataset,
                                wanted_.also.empty() ? "" : " or ", wanted_.also));
  return lines;
}

}  // namespace acta::report
