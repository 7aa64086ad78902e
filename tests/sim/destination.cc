#include "sim/destination.h"

#include <algorithm>
#include <functional>

namespace acta::sim {
namespace {

constexpr Nanos kLateMax = 2 * kSecond;

}  // namespace

class Destination::Connection final : public Output {
 public:
  Connection(Destination& to, std::function<bool()> cut_off) : to_(to), cut_off_(std::move(cut_off)) {}

  Result<> connect() override {
    if (cut_off_() || to_.random_.chance(to_.trouble / 3)) return fail(Errc::io, "no connection");
    connected_ = true;
    return {};
  }

  Attempt send(Docs docs, Nanos deadline) override {
    if (cut_off_() || !connected_) return Attempt::all(Fate::retry, docs.size(), "no connection");
    const std::vector<Doc> sent(docs.begin(), docs.end());
    if (to_.one_lane_) to_.check_order(sent);
    return to_.attempt(sent, deadline);
  }

  Result<> tick(Nanos) override {
    if (to_.random_.chance(to_.trouble / 10)) return fail(Errc::io, "no answer");
    return {};
  }
  [[nodiscard]] bool shared() const override { return true; }
  Result<> close() override {
    connected_ = false;
    return {};
  }

 private:
  Destination& to_;
  std::function<bool()> cut_off_;
  bool connected_ = false;
};

void Destination::begin_life(bool one_lane) {
  one_lane_ = one_lane;
  order_.clear();
  tried_.clear();
  acknowledged_ = 0;
}

std::unique_ptr<Output> Destination::connection(std::function<bool()> cut_off) {
  return std::make_unique<Connection>(*this, std::move(cut_off));
}

bool Destination::never_takes(const std::string& id) const {
  constexpr size_t kOneIn = 13;
  return rejects && std::hash<std::string>{}(id) % kOneIn == 0;
}

void Destination::take(const Doc& doc) {
  const std::string id(doc.meta.id);
  ledger_.arrived(id, doc.json);
  ids_.insert(id);
}

// Documents come for the first time in the order of the queue and without a gap; all others were tried before.
void Destination::check_order(const std::vector<Doc>& docs) {
  size_t fresh = std::min(docs.size(), order_.size() - tried_.size());
  const auto follow = [&](size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (docs[docs.size() - count + i].meta.id != order_[tried_.size() + i]) return false;
    }
    return true;
  };
  while (!follow(fresh)) --fresh;
  for (size_t i = 0; i + fresh < docs.size(); ++i) {
    const std::string id(docs[i].meta.id);
    if (std::find(tried_.begin(), tried_.end(), id) == tried_.end())
      ledger_.problem(name_ + ": " + id + " is out of order");
  }
  for (size_t i = 0; i < fresh; ++i) tried_.push_back(order_[tried_.size()]);
}

Attempt Destination::attempt(const std::vector<Doc>& docs, Nanos deadline) {
  const size_t count = docs.size();
  if (documents_max != 0 && count > documents_max) {
    Attempt attempt = Attempt::all(Fate::retry, count, "too large");
    attempt.too_large = true;
    return attempt;
  }
  const bool troubled = random_.chance(trouble);
  const size_t kind = troubled ? random_.pick(6) : 0;
  Attempt attempt = Attempt::all(Fate::accepted, count, "trouble");
  if (kind == 1) attempt = Attempt::all(Fate::retry, count, "refused");              // nothing arrives
  if (kind == 2) clock_.advance(static_cast<Nanos>(random_.pick(kLateMax)));         // late, but it is answered
  if (kind == 3) clock_.advance(std::max<Nanos>(0, deadline - clock_.monotonic()));  // never answered
  for (size_t i = 0; i < count; ++i) {
    if (attempt.fate[i] == Fate::retry || (kind == 3 && random_.chance(50)))
      continue;                             // it may have arrived all the same
    if (kind == 4 && random_.chance(30)) {  // in part
      attempt.fate[i] = Fate::retry;
      continue;
    }
    if (never_takes(std::string(docs[i].meta.id))) {
      attempt.fate[i] = Fate::rejected;
      continue;
    }
    take(docs[i]);
    if (kind == 5) take(docs[i]);  // twice
  }
  if (kind == 3) attempt = Attempt::all(Fate::retry, count, "no answer");
  if (random_.chance(trouble / 5)) attempt.retry_after = static_cast<Nanos>(random_.pick(kLateMax));
  for (const Fate fate : attempt.fate) acknowledged_ += fate == Fate::accepted ? 1 : 0;
  return attempt;
}

}  // namespace acta::sim
