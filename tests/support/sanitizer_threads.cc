// The sanitizers know the threads, mutexes and condition variables of pthread_*. librdkafka uses C11's, which they do
// not intercept: the thread sanitizer crashes or hangs at the first allocation of such a thread, which has no state of
// it, and does not see what these mutexes order. So here are C11's functions by those that are known; the loader takes
// ours before the C library's. Of what librdkafka does within itself, which is not instrumented, nothing is told.
#include "support/sanitized.h"

#if ACTA_SANITIZED

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

struct Start {
  thrd_start_t body;
  void* argument;
};

void* run(void* given) {
  const std::unique_ptr<Start> start(static_cast<Start*>(given));
  return reinterpret_cast<void*>(static_cast<intptr_t>(start->body(start->argument)));
}

// In the C library each is the other.
pthread_mutex_t* mutex_of(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* condition_of(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}

int result_of(int error) {
  if (error == 0) return thrd_success;
  if (error == EBUSY) return thrd_busy;
  return error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t body, void* argument) {
  auto start = std::make_unique<Start>(Start{body, argument});
  const int failed = ::pthread_create(thread, nullptr, run, start.get());
  if (failed != 0) return failed == ENOMEM ? thrd_nomem : thrd_error;
  static_cast<void>(start.release());  // the thread's
  return thrd_success;
}

int thrd_join(thrd_t thread, int* result) {
  void* returned = nullptr;
  if (::pthread_join(thread, &returned) != 0) return thrd_error;
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(returned));
  return thrd_success;
}

int mtx_lock(mtx_t* mutex) {
  return result_of(::pthread_mutex_lock(mutex_of(mutex)));
}
int mtx_trylock(mtx_t* mutex) {
  return result_of(::pthread_mutex_trylock(mutex_of(mutex)));
}
int mtx_unlock(mtx_t* mutex) {
  return result_of(::pthread_mutex_unlock(mutex_of(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
  ::pthread_mutex_destroy(mutex_of(mutex));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return result_of(::pthread_cond_wait(condition_of(condition), mutex_of(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return result_of(::pthread_cond_timedwait(condition_of(condition), mutex_of(mutex), until));
}
int cnd_signal(cnd_t* condition) {
  return result_of(::pthread_cond_signal(condition_of(condition)));
}
int cnd_broadcast(cnd_t* condition) {
  return result_of(::pthread_cond_broadcast(condition_of(condition)));
}
void cnd_destroy(cnd_t* condition) {
  ::pthread_cond_destroy(condition_of(condition));
}

// Read by the thread sanitizer's runtime at its start.
const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): its name is given
  return "called_from_lib:librdkafka.so\n";
}
}

#endif
