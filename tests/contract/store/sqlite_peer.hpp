#pragma once

#include <memory>
#include <stdexcept>

#include <troupe/bridges/store/sqlite_store.hpp>

#include "../store_peer.hpp"
#include "../temporary_folder.hpp"
#include "kept_documents.hpp"

namespace troupe::contract {

/// A SQLite store in a folder of its own.
class sqlite_peer : public store_peer {
public:
  sqlite_peer() : sqlite_peer({}, system_now) {}
  sqlite_peer(store::config limits, wall_clock clock) : limits_(limits), clock_(std::move(clock)) { begin(); }
  ~sqlite_peer() override { end(); }

  caf::actor_system& system() override { return *system_; }
  store_actor store() override { return store_; }
  sqlite::database& database() { return *database_; }

  std::optional<document> find(const document& like) override {
    return kept_document(*database_, like.database, like.collection, like.id);
  }

  std::int64_t count(const std::string& database, const std::string& collection) override {
    return kept_count(*database_, database, collection);
  }

  void restart() override {
    end();
    begin();
  }

private:
  struct system_config : caf::actor_system_config {
    system_config() { set("caf.scheduler.max-threads", 2); }
  };

  void begin() {
    config_ = std::make_unique<system_config>();
    system_ = std::make_unique<caf::actor_system>(*config_);
    sqlite::options settings;
    settings.folder = folder_.path();
    settings.clock = clock_;
    auto opened = sqlite::open(std::move(settings));
    if (opened.has_error())
      throw std::runtime_error(to_string(opened.error()));
    database_ = std::move(*opened);
    store_ = store::spawn_sqlite_store(unsupervised(*system_, "test/store"), database_, limits_);
  }

  void end() {
    ask_to_end(store_, caf::exit_reason::kill);
    store_ = nullptr;
    database_ = nullptr;
    system_ = nullptr;
    config_ = nullptr;
  }

  temporary_folder folder_;
  store::config limits_;
  wall_clock clock_;
  std::unique_ptr<system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  sqlite::database_ptr database_;
  store_actor store_;
};

} // namespace troupe::contract
