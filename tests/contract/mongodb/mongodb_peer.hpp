#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/bridges/mongodb/store.hpp>

#include "../store_peer.hpp"
#include "server.hpp"

namespace troupe::contract {

/// A store in databases that are empty at first.
class mongodb_peer : public store_peer {
public:
  mongodb_peer() : config_(server_.config()) {
    server_.drop("service-a");
    server_.drop("service-b");
    begin();
  }
  ~mongodb_peer() override { end(); }

  caf::actor_system& system() override { return *system_; }
  store_actor store() override { return store_; }
  mongodb_server& server() { return server_; }

  std::optional<document> find(const document& like) override {
    auto body = server_.find(like.database, like.collection, like.id);
    return body ? std::optional{document{like.database, like.collection, like.id, std::move(*body)}} : std::nullopt;
  }

  std::int64_t count(const std::string& database, const std::string& collection) override {
    return server_.count(database, collection);
  }

  void restart() override {
    end();
    server_.kill();
    server_.wait_until_usable();
    begin();
  }

  /// Spawns a store of another configuration in place of the first one, and returns its link.
  link_state_ptr use(mongodb::config other) {
    end();
    config_ = std::move(other);
    begin();
    return config_.state;
  }

  link_state_ptr link() { return config_.state; }

private:
  struct system_config : caf::actor_system_config {
    system_config() { set("caf.scheduler.max-threads", 2); }
  };

  void begin() {
    system_config_ = std::make_unique<system_config>();
    system_ = std::make_unique<caf::actor_system>(*system_config_);
    store_ = mongodb::spawn_store(unsupervised(*system_, "test/store"), config_);
  }

  void end() {
    ask_to_end(store_, caf::exit_reason::kill);
    store_ = nullptr;
    system_ = nullptr;
    system_config_ = nullptr;
  }

  mongodb_server server_;
  mongodb::config config_;
  std::unique_ptr<system_config> system_config_;
  std::unique_ptr<caf::actor_system> system_;
  store_actor store_;
};

} // namespace troupe::contract
