#pragma once

#include <mutex>

#include <sys/socket.h>

namespace troupe::amqp {

/// Ends a blocked read or write: a broker under an alarm may read nothing for any length of time, and the library waits.
/// Any thread.
class socket_interrupter {
public:
  /// The socket is in use from now on. After an interrupt it is shut down at once.
  void hold(int socket) {
    const std::lock_guard lock{guard_};
    socket_ = socket;
    if (interrupted_)
      ::shutdown(socket_, SHUT_RDWR);
  }

  /// The socket is about to be closed.
  void release() {
    const std::lock_guard lock{guard_};
    socket_ = -1;
  }

  /// Ends every use of the socket, now and from now on.
  void interrupt() {
    const std::lock_guard lock{guard_};
    interrupted_ = true;
    if (socket_ >= 0)
      ::shutdown(socket_, SHUT_RDWR);
  }

private:
  std::mutex guard_;
  int socket_ = -1;
  bool interrupted_ = false;
};

} // namespace troupe::amqp
