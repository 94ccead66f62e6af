#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>

#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/http/greeter_client.hpp>

#include "bare_server.hpp"
#include "support.hpp"

namespace http_test {

/// What became of one call.
struct call_outcome {
  std::optional<greeting_answer> value;
  failure error{errc::none, {}};
  duration took{};

  /// Whether it came long before the test would have given up.
  [[nodiscard]] bool in_time() const { return took < patience / 4; }
};

/// A client of its own engine, without a server.
struct client_fixture {
  ~client_fixture() {
    if (tested)
      ask_to_end(tested, caf::exit_reason::user_shutdown);
  }

  const greeter_actor& client_of(const bare_server& server) {
    if (config.target.empty())
      config.target = "http://127.0.0.1:" + std::to_string(server.port());
    return spawned();
  }

  const greeter_actor& spawned() {
    if (!tested) {
      config.via = engine->inbox();
      config.name = "remote";
      tested = http::spawn_greeter_client(unsupervised(system, "service-a/remote", watcher), config);
    }
    return tested;
  }

  greet call(duration within = 10s) {
    return {.call_id = random_uuid(random), .answer_by = deadline::after(within, std::chrono::steady_clock::now())};
  }

  call_outcome ask(const greet& what) {
    call_outcome result;
    const auto begun = std::chrono::steady_clock::now();
    caf::scoped_actor self{system};
    self->request(spawned(), patience, what)
      .receive([&](greeting_answer& answer) { result.value = std::move(answer); },
               [&](const caf::error& why) { result.error = to_failure(why); });
    result.took = std::chrono::steady_clock::now() - begun;
    return result;
  }
  call_outcome ask() { return ask(call()); }

  std::future<call_outcome> begin(const greet& what) {
    spawned();
    return std::async(std::launch::async, [this, what] { return ask(what); });
  }

  system_config settings;
  caf::actor_system system{settings};
  std::shared_ptr<recorder> watcher = std::make_shared<recorder>();
  random_source random = system_random();
  std::unique_ptr<http::client_engine> engine = std::make_unique<http::client_engine>();
  http::client_config config;
  greeter_actor tested;
};

} // namespace http_test
