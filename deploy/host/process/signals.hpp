#pragma once

#include <chrono>

namespace troupe::host {

/// How the process is asked to end, and how its parts wake the main thread when they have ended. One per process.
///
/// The first SIGTERM or SIGINT ends a `wait`; the second ends the process at once with exit code 1. SIGHUP, SIGUSR1, SIGUSR2
/// and SIGPIPE are ignored. Children, which only the first process of a container gets without having started them, are
/// reaped by the system when they end. The handlers serve whichever thread the system chooses, so threads that others
/// started need no signal mask.
class signals {
public:
  /// Throws `std::system_error` when the system has no descriptor left.
  signals();
  ~signals();
  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;

  /// Waits until a signal came, or `wake` was called since the last `wait`.
  void wait() const;

  /// The same, for so long at most.
  void wait(std::chrono::milliseconds at_most) const;

  /// Whether the process was asked to end.
  [[nodiscard]] static bool asked() noexcept;

  /// Ends a `wait`, this one or the next. Any thread; never blocks.
  void wake() const noexcept;

private:
  int descriptor_;
};

} // namespace troupe::host
