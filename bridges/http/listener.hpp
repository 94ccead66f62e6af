#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <troupe/bridges/http/config.hpp>
#include <troupe/bridges/http/cors.hpp>
#include <troupe/bridges/http/message.hpp>
#include <troupe/bridges/http/route.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::http {

/// Looks at a request before its route does; an answer refuses it. Called on an I/O thread, never blocks.
struct refused_request {
  refusal why;
  std::string detail;
};
using gate = std::function<std::optional<refused_request>(const request&)>;

/// What a listener is made of. The edge and the administration differ in this alone.
struct listener_options {
  std::string name; ///< labels its metrics: "edge", "administration"
  endpoint where;
  limits bounds;
  timeouts patience;
  unsigned threads = 1;
  std::optional<cors_policy> cors;
  gate admit; ///< may be empty
  std::vector<route> routes;
  observer_ptr watcher = silent_observer();
  wall_clock clock = system_now;
};

/// An HTTP/1.1 server: sockets, timeouts, bounds and framing, for any table of routes. It has its own I/O threads, on
/// which every handler runs; requests are answered in order, and a bad client disturbs no other.
class listener {
public:
  /// Binds and begins to serve; "::" is every address, of IPv4 too, and of that alone where the system has no IPv6. Fails
  /// with `locked` when the port is in use and with `invalid` when the address cannot be bound, naming it and the system's
  /// words.
  static expected<std::unique_ptr<listener>> listen(listener_options options);

  /// Closes what is open: requests under way are not answered.
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Where it listens, with the port that was taken.
  [[nodiscard]] endpoint local() const;

  /// Whether none of the last second's connections was refused by the system, for want of descriptors or memory. Any thread.
  [[nodiscard]] bool accepting() const noexcept;

  /// Takes no more connections; every answer from now on closes its connection. Any thread.
  void stop_accepting();

  /// Closes idle connections and waits until those with a request under way have been answered and closed. Returns whether
  /// that happened in time. Implies `stop_accepting`. Not on an I/O thread.
  bool drain(duration at_most);

private:
  class impl;
  explicit listener(std::unique_ptr<impl> body);

  std::unique_ptr<impl> impl_;
};

} // namespace troupe::http
