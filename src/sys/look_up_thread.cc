#include "sys/look_up_thread.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace acta {

namespace {
constexpr std::chrono::milliseconds kStopWait{100};
}

struct LookUpThread::Shared {
  std::unique_ptr<NameSource> source;
  std::mutex mutex;
  std::condition_variable asked;
  std::condition_variable answered;
  std::deque<LookUp> questions;  // the first one is being looked up when `busy`
  std::vector<LookUp> answers;
  std::atomic<bool> any_answer{false};
  bool busy = false;
  bool stop = false;
  bool ended = false;
};

LookUpThread::LookUpThread(std::unique_ptr<NameSource> source) : shared_(std::make_shared<Shared>()) {
  shared_->source = std::move(source);
  thread_ = std::thread([shared = shared_] { run(shared); });
}

LookUpThread::~LookUpThread() {
  bool ended = false;
  {
    std::unique_lock lock(shared_->mutex);
    shared_->stop = true;
    shared_->asked.notify_all();
    ended = shared_->answered.wait_for(lock, kStopWait, [this] { return shared_->ended; });
  }
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

bool LookUpThread::ask(LookUp question) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->questions.size() >= kWaitingMax) return false;
  shared_->questions.push_back(std::move(question));
  shared_->asked.notify_one();
  return true;
}

bool LookUpThread::wait(Nanos wait) {
  std::unique_lock lock(shared_->mutex);
  return shared_->answered.wait_for(lock, std::chrono::nanoseconds(wait),
                                    [this] { return shared_->questions.empty() && !shared_->busy; });
}

void LookUpThread::take(std::vector<LookUp>& into) {
  if (!shared_->any_answer.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(shared_->mutex);
  into.swap(shared_->answers);
  shared_->answers.clear();
  shared_->any_answer.store(false, std::memory_order_release);
}

namespace {

void answer(NameSource& source, LookUp& question) {
  const auto take_name = [&question](std::optional<std::string> name) {
    question.found = name && !name->empty();
    if (question.found) question.name = std::move(*name);
  };
  const auto take_id = [&question](std::optional<uint32_t> id) {
    question.found = id.has_value();
    if (id) question.id = *id;
  };
  switch (question.kind) {
    case LookUp::Kind::user_name:
      return take_name(source.user_name(question.id));
    case LookUp::Kind::group_name:
      return take_name(source.group_name(question.id));
    case LookUp::Kind::user_id:
      return take_id(source.user_id(question.name));
    case LookUp::Kind::group_id:
      return take_id(source.group_id(question.name));
  }
}

}  // namespace

void LookUpThread::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  for (;;) {
    shared->asked.wait(lock, [&shared] { return shared->stop || !shared->questions.empty(); });
    if (shared->stop) break;
    LookUp question = std::move(shared->questions.front());
    shared->questions.pop_front();
    shared->busy = true;
    lock.unlock();
    answer(*shared->source, question);
    lock.lock();
    shared->busy = false;
    shared->answers.push_back(std::move(question));
    shared->any_answer.store(true, std::memory_order_release);
    shared->answered.notify_all();
  }
  shared->ended = true;
  shared->answered.notify_all();
}

}  // namespace acta
