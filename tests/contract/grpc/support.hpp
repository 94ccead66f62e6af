#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/grpc/client.hpp>
#include <troupe/bridges/grpc/server.hpp>
#include <troupe/messages/ports/greeter.hpp>

#include "../recorder.hpp"
#include "../service_script.hpp"

namespace troupe::grpc_test {

using namespace std::chrono_literals;

/// How long a test waits for what must happen, before it fails.
inline constexpr auto patience = 20s;

using contract::recorder;
using contract::script;

/// Two services, the second of which was asked by the first.
greeting_answer two_greetings();

using outcome = expected<greeting_answer>;

/// The code of an outcome; `errc::none` for an answer.
errc code_of(const outcome& what);
std::string reason_of(const outcome& what);

/// The services of an answer, in its order: "Service-A,Service-B".
std::string services_of(const outcome& what);

struct system_config : caf::actor_system_config {
  system_config() { set("caf.scheduler.max-threads", 2U); }
};

/// A server on a free port before a scripted greeter, and clients.
struct fixture {
  fixture();
  ~fixture();

  /// Begins to listen; requires that it succeeds.
  void listen();

  /// What a client of the server is configured with.
  grpc::client_config to_server() const;

  /// A client that ends with the fixture.
  greeter_actor connect(grpc::client_config config);
  greeter_actor connect() { return connect(to_server()); }

  /// Asks and waits for the outcome.
  outcome ask(const greeter_actor& whom, greet what);
  outcome ask(const greeter_actor& whom) { return ask(whom, limited(patience)); }

  /// Asks again as long as the call cannot even be sent, or not to whom it should be; the last outcome.
  outcome ask_until_answered(const greeter_actor& whom);

  /// Asks, and waits only when the outcome is wanted.
  std::future<outcome> begin(const greeter_actor& whom, greet what);

  /// A call with a random id and that much time.
  greet limited(duration within) const;

  /// Answers the calls that were held.
  void release();

  system_config settings;
  caf::actor_system system{settings};
  std::shared_ptr<recorder> watcher = std::make_shared<recorder>();
  std::shared_ptr<script> lines = std::make_shared<script>();
  greeter_actor greeter;
  std::vector<greeter_actor> clients;
  grpc::server_config config;
  std::unique_ptr<grpc::server> served;
};

} // namespace troupe::grpc_test
