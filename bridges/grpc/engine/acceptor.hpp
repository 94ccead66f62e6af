#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <sys/types.h>

#include <troupe/bridges/grpc/engine/descriptor.hpp>
#include <troupe/bridges/grpc/engine/listening.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::grpc {

/// The connections that were handed to gRPC, which does not report when they are closed: the system is asked whether a
/// descriptor is still the same socket. One thread.
class given_connections {
public:
  explicit given_connections(std::size_t bound) : bound_(bound) {}

  /// Whether there is room for one more.
  [[nodiscard]] bool has_room(instant now);

  void add(int socket);

private:
  struct one {
    int socket;
    ino_t serial;
  };

  const std::size_t bound_;
  std::vector<one> given_;
  instant look_again_{};
};

/// What an acceptor is made with.
struct acceptor_options {
  std::string service;         ///< in logs and metrics
  std::size_t connections = 0; ///< open at a time
  int first_reserved = 0;      ///< from this descriptor on connections are refused; 0: none is
  observer_ptr watcher;
};

/// Accepts the connections of a server on its own thread. gRPC's listener would accept nobody again once the process
/// ran out of descriptors (https://github.com/grpc/grpc/issues/20265 has the like), and knows no bound of connections.
class acceptor {
public:
  /// Receives a connection, and closes it.
  using receiver = std::function<void(int socket)>;

  acceptor(listening where, acceptor_options options, receiver to);
  ~acceptor() { stop(); }
  acceptor(const acceptor&) = delete;
  acceptor& operator=(const acceptor&) = delete;

  /// Begins to accept. Fails with `unavailable` where the system has no thread or descriptor left.
  expected<void> start();

  /// Closes the port; afterwards the receiver is given nothing. Any thread but the receiver's.
  void stop();

private:
  enum class next_step : std::uint8_t { accept, wait };

  void run();
  bool stopped_within(std::optional<duration> time, bool sockets_too);
  next_step accept_all(int socket);
  void take(descriptor connection);
  void log_trouble(int why);

  acceptor_options options_;
  receiver to_;
  counter& refused_by_bound_;
  counter& refused_by_system_;
  given_connections given_;
  std::vector<descriptor> sockets_;
  descriptor stop_; ///< readable when it must stop
  std::optional<instant> logged_;
  std::mutex guard_; ///< of the thread's end
  std::thread thread_;
};

} // namespace troupe::grpc
