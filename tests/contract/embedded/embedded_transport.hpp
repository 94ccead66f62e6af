#pragma once

#include <memory>
#include <vector>

#include <troupe/bridges/embedded/dead_letters.hpp>
#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>

#include "../recording_observer.hpp"
#include "../temporary_folder.hpp"
#include "../transport.hpp"

namespace troupe::contract {

/// An embedded stream or queue in a folder of its own.
class embedded_transport : public transport {
public:
  explicit embedded_transport(embedded::destination to) : to_(std::move(to)) { begin(); }
  ~embedded_transport() override { end(ending::abrupt); }

  [[nodiscard]] guarantees promised() const override { return {}; }
  [[nodiscard]] std::size_t delays() const override { return config().redelivery.delays.size(); }
  [[nodiscard]] std::size_t process_ending_attempts() const override { return config().redelivery.process_ending_attempts; }

  [[nodiscard]] std::size_t batches_in_flight() const override { return config().batches_in_flight; }

  caf::actor_system& system() override { return *system_; }
  sqlite::database_ptr& database() { return database_; }

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(embedded::spawn_publisher(context("test/publisher"), database_, to_));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override { return source(to, config()); }

  source_actor source(const handler_actor& to, embedded::subscription with) {
    auto made = owned(embedded::spawn_source(context("test/source"), database_, std::move(with), to));
    sources_.push_back(made);
    return made;
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(embedded::spawn_dead_letters(context("test/letters"), database_));
    return letters_;
  }

  void restart(ending how) override {
    end(how);
    begin();
  }

  void adopt(caf::actor what) override { actors_.push_back(std::move(what)); }

  [[nodiscard]] embedded::subscription config() const {
    embedded::subscription made;
    made.from = to_;
    if (to_.kind == embedded::destination_kind::stream)
      made.group = "group";
    made.batch = 20;
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  spawn_context context(const std::string& path) { return unsupervised(*system_, path, watcher); }

  [[nodiscard]] sqlite::options settings() const {
    sqlite::options made;
    made.folder = folder_.path();
    made.watcher = watcher;
    return made;
  }

  const std::shared_ptr<recording_observer> watcher = std::make_shared<recording_observer>();

private:
  struct system_config : caf::actor_system_config {
    system_config() {
      set("caf.scheduler.max-threads", 2);
      set("caf.logger.file.verbosity", "quiet");
    }
  };

  template <class Handle>
  Handle owned(Handle what) {
    adopt(caf::actor_cast<caf::actor>(what));
    return what;
  }

  void begin() {
    config_ = std::make_unique<system_config>();
    system_ = std::make_unique<caf::actor_system>(*config_);
    auto opened = sqlite::open(settings());
    if (opened.has_error())
      throw std::runtime_error(to_string(opened.error()));
    database_ = std::move(*opened);
  }

  void end(ending how) {
    if (how == ending::orderly)
      for (const auto& each : sources_)
        static_cast<void>(ask_and_wait<drained>(*system_, each, drain{std::chrono::seconds{30}}));
    for (const auto& each : actors_)
      ask_to_end(each, caf::exit_reason::kill);
    publisher_ = nullptr;
    letters_ = nullptr;
    sources_.clear();
    actors_.clear();
    database_ = nullptr;
    system_ = nullptr; // waits for the actors, and they for their part of the database
    config_ = nullptr;
  }

  temporary_folder folder_;
  embedded::destination to_;
  std::unique_ptr<system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  sqlite::database_ptr database_;
  publisher_actor publisher_;
  dead_letters_actor letters_;
  std::vector<source_actor> sources_;
  std::vector<caf::actor> actors_;
};

/// A stream of one partition.
class embedded_stream : public embedded_transport {
public:
  embedded_stream() : embedded_transport({.name = "stream"}) {}
};

/// A stream of several partitions.
class embedded_partitions : public embedded_transport {
public:
  embedded_partitions() : embedded_transport({.name = "stream", .partitions = 5}) {}
};

class embedded_queue : public embedded_transport {
public:
  embedded_queue() : embedded_transport({.name = "queue", .kind = embedded::destination_kind::queue}) {}
};

} // namespace troupe::contract
