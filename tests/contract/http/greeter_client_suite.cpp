#define CAF_SUITE http_greeter_client_contract

#include <troupe/bridges/http/client_engine.hpp>
#include <troupe/bridges/http/edge.hpp>
#include <troupe/bridges/http/greeter_client.hpp>

#include "../greeter_peer.hpp"
#include "support.hpp"

namespace {

using namespace troupe;

/// Our client before our own edge, with the remote behind it.
class http_peer final : public contract::greeter_peer {
public:
  http_peer() {
    bring_back();
    tested_ = http::spawn_greeter_client(
      unsupervised(system_, "service-a/remote"),
      {.via = engine_.inbox(), .name = "remote", .target = "http://" + to_string(where_), .tls = {}});
  }

  ~http_peer() override {
    ask_to_end(tested_, caf::exit_reason::user_shutdown);
    served_.reset();
  }
  http_peer(const http_peer&) = delete;
  http_peer& operator=(const http_peer&) = delete;

  [[nodiscard]] contract::greeter_guarantees promised() const override {
    return {.forwards_metadata = contract::greeter_guarantees::promise::no};
  }

  caf::actor_system& system() override { return system_; }
  greeter_actor greeter() override { return tested_; }
  contract::scripted_greeter& remote() override { return remote_; }

  void take_away() override { served_.reset(); }

  void bring_back() override {
    http::edge_ports ports;
    ports.greeter = remote_.handle();
    ports.metrics = [] { return std::string{}; };
    ports.liveness = ports.readiness = [] { return http::health_report{}; };
    http::edge_config config;
    config.listen = where_;
    auto made = http::edge::listen(config, std::move(ports));
    if (!made)
      throw std::runtime_error(to_string(made.error()));
    served_ = std::move(*made);
    where_ = served_->local();
  }

private:
  http_test::system_config settings_;
  caf::actor_system system_{settings_};
  contract::scripted_greeter remote_{system_};
  http::endpoint where_{"127.0.0.1", 0};
  std::unique_ptr<http::edge> served_;
  http::client_engine engine_;
  greeter_actor tested_;
};

} // namespace

#define TROUPE_GREETER http_peer
#include "../greeter_suite.hpp"
