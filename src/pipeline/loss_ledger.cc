#include "pipeline/loss_ledger.h"

#include <algorithm>

namespace acta {

void LossLedger::add(const Loss& loss) {
  auto account =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& a) { return a.loss.is_like(loss); });
  if (account == accounts_.end()) account = accounts_.insert(account, Account{.loss = loss});
  if (account->waits) return account->loss.merge(loss);
  account->loss = loss;
  account->waits = true;
  ++waiting_;
}

bool LossLedger::has(uint16_t source) const {
  return std::any_of(accounts_.begin(), accounts_.end(),
                     [source](const Account& a) { return a.waits && a.loss.source == source; });
}

std::vector<Loss> LossLedger::take(Nanos now, bool all) {
  std::vector<Loss> taken;
  if (waiting_ == 0) return taken;
  for (Account& account : accounts_) {
    if (!account.waits || (!all && account.told && now - account.told_at < kEvery)) continue;
    taken.push_back(account.loss);
    account.waits = false;
    account.told = true;
    account.told_at = now;
    --waiting_;
  }
  std::stable_sort(taken.begin(), taken.end(), [](const Loss& a, const Loss& b) { return a.from < b.from; });
  return taken;
}

}  // namespace acta
