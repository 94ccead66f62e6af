#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/bridges/amqp/access.hpp>
#include <troupe/bridges/amqp/administration.hpp>
#include <troupe/bridges/amqp/dead_letters.hpp>
#include <troupe/bridges/amqp/publisher.hpp>
#include <troupe/bridges/amqp/source.hpp>
#include <troupe/messages/values/identifier.hpp>

#include "../transport_life.hpp"

namespace troupe::contract {

/// A variable that tests/servers/rabbitmq sets for the broker that it started around this test.
inline std::string server_variable(const char* variable) {
  const auto* const value = std::getenv(variable);
  if (value == nullptr)
    throw std::runtime_error(std::string{variable} + " is not set; run this through tests/servers/rabbitmq");
  return value;
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
  return connection_to(server_variable(variable));
}

/// A queue of its own on the real broker.
class amqp_transport : public transport_life {
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

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(amqp::spawn_publisher(context("test/publisher"), test_connection(), {.to = queue_}));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override { return source(to, config()); }

  source_actor source(const handler_actor& to, amqp::subscription with, amqp::connection through = test_connection()) {
    const auto letters =
      owned(amqp::spawn_publisher(context("test/letters"), test_connection(), {.to = amqp::dead_letter_queue(queue_)}));
    return owned_source(amqp::spawn_source(context("test/source"), std::move(through), std::move(with), to, letters));
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(amqp::spawn_dead_letters(context("test/dead-letters"), test_connection(), {queue_.name}));
    return letters_;
  }

  [[nodiscard]] amqp::subscription config() const {
    amqp::subscription made;
    made.from = queue_;
    made.batch = 20;
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  [[nodiscard]] const amqp::queue& queue() const noexcept { return queue_; }

private:
  random_source random_ = system_random();
  const amqp::queue queue_;
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
