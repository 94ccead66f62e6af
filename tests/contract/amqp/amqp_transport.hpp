#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/dead_letters.hpp>
#include <troupe/bridges/amqp/publisher.hpp>
#include <troupe/bridges/amqp/source.hpp>
#include <troupe/bridges/amqp/url.hpp>
#include <troupe/messages/values/identifier.hpp>

#include "../recording_observer.hpp"
#include "../transport.hpp"

namespace troupe::contract {

/// What tests/servers/rabbitmq tells of the broker that it started around this test.
inline std::string told_of_broker(const char* variable) {
  const auto* const told = std::getenv(variable);
  if (told == nullptr)
    throw std::runtime_error(std::string{variable} + " is not set; run this through tests/servers/rabbitmq");
  return told;
}

/// A connection to the broker of a URL, or of the one in a variable.
inline amqp::connection connection_to(const std::string& url) {
  auto where = amqp::parse_url(secret{url});
  if (where.has_error())
    throw std::runtime_error(to_string(where.error()));
  amqp::connection made;
  made.where = amqp::always(std::move(*where));
  return made;
}

inline amqp::connection test_connection(const char* variable = "TROUPE_TEST_AMQP") {
  return connection_to(told_of_broker(variable));
}

/// A queue of its own on the real broker.
class amqp_transport : public transport {
public:
  explicit amqp_transport(amqp::queue_kind kind) : queue_(amqp::work_queue("test-" + random_uuid(random_), kind)) {
    begin();
  }
  ~amqp_transport() override { end(ending::abrupt); }

  [[nodiscard]] guarantees promised() const override {
    return {.settles_with_letters = guarantees::promise::no, // its acknowledgement comes in its time
            .counts_endings = queue_.kind == amqp::queue_kind::quorum ? guarantees::promise::yes : guarantees::promise::no};
  }
  [[nodiscard]] std::size_t delays() const override { return config().redelivery.delays.size(); }
  [[nodiscard]] std::size_t process_ending_attempts() const override { return config().redelivery.process_ending_attempts; }
  [[nodiscard]] std::size_t batches_in_flight() const override { return config().batches_in_flight; }

  caf::actor_system& system() override { return *system_; }

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(amqp::spawn_publisher(context("test/publisher"), test_connection(), {.to = queue_}));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override { return source(to, config()); }

  source_actor source(const handler_actor& to, amqp::subscription with, amqp::connection through = test_connection()) {
    const auto letters =
      owned(amqp::spawn_publisher(context("test/letters"), test_connection(), {.to = amqp::dead_letter_queue(queue_)}));
    auto made = owned(amqp::spawn_source(context("test/source"), std::move(through), std::move(with), to, letters));
    sources_.push_back(made);
    return made;
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(amqp::spawn_dead_letters(context("test/dead-letters"), test_connection(), {queue_.name}));
    return letters_;
  }

  void restart(ending how) override {
    end(how);
    begin();
  }

  void adopt(caf::actor what) override { actors_.push_back(std::move(what)); }

  [[nodiscard]] amqp::subscription config() const {
    amqp::subscription made;
    made.from = queue_;
    made.batch = 20;
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  [[nodiscard]] const amqp::queue& queue() const noexcept { return queue_; }
  spawn_context context(const std::string& path) { return unsupervised(*system_, path, watcher); }

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
    system_ = nullptr; // waits for the actors and their threads
    config_ = nullptr;
  }

  random_source random_ = system_random();
  const amqp::queue queue_;
  std::unique_ptr<system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  publisher_actor publisher_;
  dead_letters_actor letters_;
  std::vector<source_actor> sources_;
  std::vector<caf::actor> actors_;
};

/// A durable quorum queue.
class amqp_quorum : public amqp_transport {
public:
  amqp_quorum() : amqp_transport(amqp::queue_kind::quorum) {}
};

/// The queue of the reference platform.
class amqp_reference : public amqp_transport {
public:
  amqp_reference() : amqp_transport(amqp::queue_kind::reference) {}
};

} // namespace troupe::contract
