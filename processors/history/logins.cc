#include "processors/history/logins.h"

#include <algorithm>

namespace acta::history {

bool Logins::apply(const Step& step, const Ended& ended) {
  switch (step.kind) {
    case Step::Kind::login:
      return begin(step, ended);
    case Step::Kind::logged_in:
      return name(step, ended);
    case Step::Kind::logged_out:
      return end(step, ended);
    case Step::Kind::boot:
      return boot(step, ended);
    case Step::Kind::shutdown:
      return shut_down(step, ended);
    case Step::Kind::auditd_started:
      return remember_kernel(step);
    case Step::Kind::guest_control:
    case Step::Kind::guest_resource:
      return false;
  }
  return false;
}

Login* Logins::find(const Step& step) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const Login& login) {
    return !login.is_boot && login.session == step.session && login.pid == step.pid && login.uid == step.uid &&
           login.node == step.node;
  });
  return found == open_.end() ? nullptr : &*found;
}

Login& Logins::add(const Step& step, const Ended& ended) {
  drop_orphans(step);
  if (open_.size() >= kOpenMax) {
    finish(open_.front(), step.time, "forgotten", ended);
    open_.erase(open_.begin());
  }
  Login& login = open_.emplace_back();
  login.node = step.node;
  login.pid = step.pid;
  login.uid = step.uid;
  login.session = step.session;
  login.start = step.time;
  return login;
}

void Logins::erase(const Login* login) {
  open_.erase(open_.begin() + (login - open_.data()));
}

// Logins whose LOGIN should have come by now: it was before the first record that was read, or is lost.
void Logins::drop_orphans(const Step& step) {
  std::erase_if(open_, [&](const Login& login) {
    return !login.begun && login.node == step.node && login.start < step.time - kOrderMax;
  });
}

void Logins::finish(const Login& login, Nanos end, std::string_view how, const Ended& ended) {
  if (!login.begun || !(login.named || login.is_boot)) return;
  Login over = login;
  over.end = std::max(end, over.start);
  over.how = how;
  ended(over);
}

bool Logins::begin(const Step& step, const Ended& ended) {
  for (size_t i = 0; i < open_.size(); ++i) {
    const Login& other = open_[i];
    if (!other.begun || other.is_boot || other.session != step.session || other.node != step.node) continue;
    if (other.id == step.id) return false;  // the same event again
    finish(other, step.time, "gone", ended);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  Login* early = find(step);
  Login& login = early == nullptr ? add(step, ended) : *early;
  login.begun = true;
  login.id = step.id;
  login.start = step.time;
  login.user = step.user;
  login.serials.insert(login.serials.begin(), step.serial);
  const auto later_boot = [&](const Login& other) {
    return other.is_boot && other.node == step.node && other.start > step.time;
  };
  if (login.end != 0) {
    finish(login, login.end, login.how, ended);
  } else if (std::none_of(open_.begin(), open_.end(), later_boot)) {
    return true;
  }
  erase(&login);
  return true;
}

bool Logins::name(const Step& step, const Ended& ended) {
  Login* known = find(step);
  Login& login = known == nullptr ? add(step, ended) : *known;
  if (std::find(login.serials.begin(), login.serials.end(), step.serial) != login.serials.end()) return false;
  if (!login.named) login.serials.insert(login.serials.begin() + (login.begun ? 1 : 0), step.serial);
  login.named = true;
  login.terminal = step.terminal;
  login.host = step.host;
  login.program = step.program;
  return true;
}

bool Logins::end(const Step& step, const Ended& ended) {
  Login* known = find(step);
  if (known != nullptr && known->end != 0) return false;
  Login& login = known == nullptr ? add(step, ended) : *known;
  login.end = step.time;
  login.how = "logged-out";
  login.serials.push_back(step.serial);
  if (!login.begun) return true;  // its LOGIN is still to come
  finish(login, step.time, "logged-out", ended);
  erase(&login);
  return true;
}

// What a boot finds open is over. What still waits for its LOGIN is kept for that.
void Logins::cut(const Step& boot, const Ended& ended) {
  for (Login& login : open_) {
    if (login.node != boot.node || login.end != 0) continue;
    login.end = login.down_at != 0 ? login.down_at : boot.time;
    login.how = login.down_at != 0 ? "down" : "crash";
    login.serials.push_back(boot.serial);
    finish(login, login.end, login.how, ended);
  }
  std::erase_if(open_, [&](const Login& login) { return login.node == boot.node && login.begun; });
}

bool Logins::boot(const Step& step, const Ended& ended) {
  const auto begun_by = [&](const Login& login) { return login.is_boot && login.id == step.id; };
  if (std::any_of(open_.begin(), open_.end(), begun_by)) return false;
  cut(step, ended);
  const auto kernel =
      std::find_if(kernels_.begin(), kernels_.end(), [&](const Kernel& k) { return k.node == step.node; });
  Login& login = add(step, ended);
  login.pid = login.uid = login.session = -1;
  login.is_boot = login.begun = true;
  login.id = step.id;
  login.serials = {step.serial};
  if (kernel != kernels_.end()) login.kernel = kernel->release;
  return true;
}

bool Logins::shut_down(const Step& step, const Ended& ended) {
  bool changed = false;
  for (Login& login : open_) {
    if (login.node != step.node || login.down_at != 0) continue;
    login.down_at = step.time;
    changed = true;
    if (!login.is_boot) continue;
    login.serials.push_back(step.serial);
    finish(login, step.time, "shutdown", ended);
  }
  std::erase_if(open_, [&](const Login& login) { return login.is_boot && login.node == step.node; });
  return changed;
}

bool Logins::remember_kernel(const Step& step) {
  for (Kernel& kernel : kernels_) {
    if (kernel.node != step.node) continue;
    kernel.release = step.kernel;
    return true;
  }
  if (kernels_.size() >= kNodesMax) kernels_.erase(kernels_.begin());
  kernels_.push_back({.node = step.node, .release = step.kernel});
  return true;
}

void Logins::write(rapidjson::Writer<rapidjson::StringBuffer>& out) const {
  out.Key("logins");
  write_items(out, open_);
  out.Key("kernels");
  write_items(out, kernels_);
}

bool Logins::read(const rapidjson::Value& logins, const rapidjson::Value& kernels) {
  return read_items(logins, kOpenMax, open_) && read_items(kernels, kNodesMax, kernels_);
}

}  // namespace acta::history
