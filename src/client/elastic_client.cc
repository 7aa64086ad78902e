#include "client/elastic_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace acta {
namespace {

constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;
constexpr int kGatewayTimeout = 504;

}  // namespace

ElasticClient::ElasticClient(ElasticSettings settings, const Clock& clock, Fs& fs)
    : settings_(std::move(settings)),
      clock_(clock),
      http_(settings_.http, clock, fs),
      health_(settings_.hosts.size()) {}

size_t ElasticClient::pick(const std::vector<bool>& tried) const {
  const size_t count = health_.size();
  const size_t first = settings_.load_balance && used_ ? current_ + 1 : current_;
  const Nanos now = clock_.monotonic();
  size_t best = count;
  for (size_t i = 0; i < count; ++i) {
    const size_t host = (first + i) % count;
    if (tried[host]) continue;
    if (health_[host].down_until <= now) return host;
    if (best == count || health_[host].down_until < health_[best].down_until) best = host;
  }
  return best;
}

void ElasticClient::mark_down(size_t host) {
  Health& health = health_[host];
  health.down_for = std::clamp(health.down_for * 2, kDownInit, kDownMax);
  health.down_until = clock_.monotonic() + health.down_for;
}

Result<HttpHead> ElasticClient::begin(const ElasticRequest& request, Nanos deadline) {
  std::vector<std::string> headers = settings_.headers;
  if (!request.body.empty()) headers.push_back(fmt::format("Content-Type: {}", request.content_type));
  if (!request.content_encoding.empty())
    headers.push_back(fmt::format("Content-Encoding: {}", request.content_encoding));
  std::vector<bool> tried(health_.size());
  for (;;) {
    const size_t host = pick(tried);
    tried[host] = true;
    current_ = host;
    used_ = true;
    const std::string url = settings_.hosts[host].url + std::string(request.path);
    auto head = http_.begin(
        {.method = request.method, .url = url, .headers = headers, .body = request.body, .deadline = deadline});
    if (head) {
      const int status = head->status;
      if (status == kBadGateway || status == kUnavailable || status == kGatewayTimeout) {
        mark_down(host);
      } else {
        health_[host] = {};
      }
      return head;
    }
    if (http_.failed_at() == HttpStep::setup) return head;  // certificate files: no host's fault
    mark_down(host);
    const bool last = std::find(tried.begin(), tried.end(), false) == tried.end();
    if (last || http_.maybe_received() || clock_.monotonic() >= deadline) return head;
  }
}

Result<std::string_view> ElasticClient::read() {
  auto piece = http_.read();
  if (!piece) mark_down(current_);
  return piece;
}

Result<ElasticReply> ElasticClient::request(const ElasticRequest& request, Nanos deadline) {
  auto head = begin(request, deadline);
  if (!head) return tl::unexpected(head.error());
  auto body = http_.read_all();
  if (!body) {
    mark_down(current_);
    return tl::unexpected(body.error());
  }
  return ElasticReply{.status = head->status, .body = *std::move(body)};
}

}  // namespace acta
