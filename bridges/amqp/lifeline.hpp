#pragma once

#include <mutex>

#include <sys/socket.h>

namespace troupe::amqp {

/// By which another thread brings back one that is stuck in a write: a broker under an alarm reads nothing, for as long as
/// it likes, and the library waits. Any thread.
class lifeline {
public:
  /// The socket is in use from now on. One that is held after the cut is cut at once.
  void hold(int socket) {
    const std::lock_guard lock{guard_};
    socket_ = socket;
    if (cut_)
      ::shutdown(socket_, SHUT_RDWR);
  }

  /// It is about to be closed.
  void release() {
    const std::lock_guard lock{guard_};
    socket_ = -1;
  }

  /// Ends whatever is under way on it, now and from now on.
  void cut() {
    const std::lock_guard lock{guard_};
    cut_ = true;
    if (socket_ >= 0)
      ::shutdown(socket_, SHUT_RDWR);
  }

private:
  std::mutex guard_;
  int socket_ = -1;
  bool cut_ = false;
};

} // namespace troupe::amqp
