#pragma once

#include <csignal>

namespace troupe::bench {

/// Waits until the process is asked to end. Made before any other thread, which then leaves these signals to it.
class end_signal {
public:
  end_signal() {
    sigemptyset(&awaited_);
    sigaddset(&awaited_, SIGTERM);
    sigaddset(&awaited_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &awaited_, nullptr);
  }

  void wait() const {
    int which = 0;
    sigwait(&awaited_, &which);
  }

private:
  sigset_t awaited_{};
};

} // namespace troupe::bench
