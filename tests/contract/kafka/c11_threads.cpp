// C11's threads on POSIX ones, for programs under the thread sanitizer: it watches only the latter, while librdkafka uses
// the former. glibc's own do the same in the same memory (nptl/thrd_create.c and its neighbours), out of the sanitizer's
// sight. What stands in a program comes before what stands in a library.

#include <cerrno>
#include <cstdint>
#include <memory>

#include <pthread.h>
#include <threads.h>

namespace {

int outcome(int error) noexcept {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

pthread_mutex_t* posix(mtx_t* one) noexcept {
  static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
  return reinterpret_cast<pthread_mutex_t*>(one);
}

pthread_cond_t* posix(cnd_t* one) noexcept {
  static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
  return reinterpret_cast<pthread_cond_t*>(one);
}

struct beginning {
  thrd_start_t run;
  void* with;
};

void* begin(void* owned) {
  const std::unique_ptr<beginning> start{static_cast<beginning*>(owned)};
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->run(start->with)));
}

} // namespace

extern "C" {

int thrd_create(thrd_t* made, thrd_start_t run, void* with) {
  auto start = std::make_unique<beginning>(beginning{run, with});
  const auto error = pthread_create(made, nullptr, begin, start.get());
  if (error == 0)
    static_cast<void>(start.release()); // the thread's
  return outcome(error);
}

int thrd_join(thrd_t which, int* result) {
  void* returned = nullptr;
  const auto error = pthread_join(which, &returned);
  if (result != nullptr)
    *result = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return outcome(error);
}

int thrd_detach(thrd_t which) {
  return outcome(pthread_detach(which));
}

int mtx_init(mtx_t* one, int kind) {
  pthread_mutexattr_t how;
  pthread_mutexattr_init(&how);
  pthread_mutexattr_settype(&how, (kind & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
  const auto error = pthread_mutex_init(posix(one), &how);
  pthread_mutexattr_destroy(&how);
  return outcome(error);
}

int mtx_lock(mtx_t* one) {
  return outcome(pthread_mutex_lock(posix(one)));
}

int mtx_trylock(mtx_t* one) {
  return outcome(pthread_mutex_trylock(posix(one)));
}

int mtx_unlock(mtx_t* one) {
  return outcome(pthread_mutex_unlock(posix(one)));
}

void mtx_destroy(mtx_t* one) {
  pthread_mutex_destroy(posix(one));
}

int cnd_init(cnd_t* one) {
  return outcome(pthread_cond_init(posix(one), nullptr));
}

int cnd_signal(cnd_t* one) {
  return outcome(pthread_cond_signal(posix(one)));
}

int cnd_broadcast(cnd_t* one) {
  return outcome(pthread_cond_broadcast(posix(one)));
}

int cnd_wait(cnd_t* one, mtx_t* with) {
  return outcome(pthread_cond_wait(posix(one), posix(with)));
}

int cnd_timedwait(cnd_t* one, mtx_t* with, const timespec* until) {
  return outcome(pthread_cond_timedwait(posix(one), posix(with), until));
}

void cnd_destroy(cnd_t* one) {
  pthread_cond_destroy(posix(one));
}

} // extern "C"
