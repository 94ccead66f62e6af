#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace troupe::http {

/// A thread that takes no signals: they are the program's business. Throws `std::system_error` where the system gives none.
template <class Work>
std::thread start_thread(Work work) {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct restored {
    const sigset_t& to;
    ~restored() { pthread_sigmask(SIG_SETMASK, &to, nullptr); }
  } const at_the_end{before};
  return std::thread{std::move(work)};
}

} // namespace troupe::http
