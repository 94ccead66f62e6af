#pragma once

#include <memory>
#include <vector>

#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/bridges/grpc/config.hpp>
#include <troupe/messages/ports/contract.hpp>
#include <troupe/messages/ports/greeter.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::grpc {

/// What a server asks of the rest of the process.
struct server_ports {
  greeter_actor greeter; ///< none: the reference platform's contracts are not served
  observer_ptr watcher = silent_observer();
  random_source random = system_random(); ///< for call and trace ids; asked by one thread at a time
  std::vector<served_contract> contracts = {};
  call_counts_ptr calls = nullptr; ///< of the greeter by a gateway; null: there is none
};

/// Whether the process says that it is ready.
enum class readiness : std::uint8_t { not_serving, serving };

/// A gRPC server of any number of contracts and, with a greeter, of `greeting.GreetingService` and
/// `greeting.v3.GreetingService`, with the standard health service (for each of them and for the server as a whole, "") and
/// reflection. Calls come in on gRPC's threads, on which their actor also has its turn for them, and are answered on any.
///
/// Its end has an order: health says NOT_SERVING, no connection and no call is accepted any more, calls under way are waited
/// for, and what remains at the destruction is cancelled. Then no thread of gRPC's is in it.
class server {
public:
  /// Binds and begins to serve, at first as not ready. Fails with `locked` when the port is in use, and with `invalid`
  /// for a configuration that is wrong, a contract that is served twice or has streams, TLS files that cannot be used and an
  /// address that cannot be bound.
  static expected<std::unique_ptr<server>> listen(const server_config& config, server_ports ports);

  /// Cancels the calls under way and waits for gRPC's threads to leave. Not on one of them.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Where it listens, with the port that was taken.
  [[nodiscard]] endpoint local() const;

  /// What the health service says from now on of every contract and of the server. No effect after `drain`. Any thread.
  void set_serving(readiness state);

  /// What it says of one contract ("shop.Orders") alone, until `set_serving(state)` is called again. Any thread.
  void set_serving(const std::string& contract, readiness state);

  /// Closes the port and sends connected clients elsewhere (GOAWAY); calls under way go on. Any thread.
  void stop_accepting();

  /// Health says NOT_SERVING for good, then `stop_accepting`, then waits until the calls under way have ended. Returns
  /// whether that happened in time.
  bool drain(duration at_most);

private:
  class impl;
  explicit server(std::unique_ptr<impl> body);

  std::unique_ptr<impl> impl_;
};

} // namespace troupe::grpc
