#pragma once

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/bridges/kafka/administration.hpp>
#include <troupe/bridges/kafka/dead_letters.hpp>
#include <troupe/bridges/kafka/publisher.hpp>
#include <troupe/bridges/kafka/source.hpp>
#include <troupe/messages/values/identifier.hpp>

#include "../transport_life.hpp"

namespace troupe::contract {

/// The brokers that tests/servers/kafka started around this test.
inline std::string brokers() {
  const auto* const servers = std::getenv("TROUPE_TEST_KAFKA");
  if (servers == nullptr)
    throw std::runtime_error("TROUPE_TEST_KAFKA does not name a broker; run this through tests/servers/kafka");
  return servers;
}

/// A connection to them, with what makes tests quick.
inline kafka::connection test_connection() {
  kafka::connection made;
  made.where = kafka::always({{brokers()}, std::nullopt});
  made.statistics = std::chrono::milliseconds{500};
  return made;
}

/// A topic of its own on the real broker.
class kafka_transport : public transport_life {
public:
  explicit kafka_transport(std::int32_t partitions) : topic_("test-" + random_uuid(random_)) {
    auto admin = kafka::administrator::connect(test_connection(), std::chrono::seconds{20});
    if (admin.has_error())
      throw std::runtime_error(to_string(admin.error()));
    const auto made = admin->create({{topic_, partitions, 1, {}}, {kafka::dead_letter_topic(topic_), 1, 1, {}}});
    if (made.has_error())
      throw std::runtime_error(to_string(made.error()));
    begin();
  }
  ~kafka_transport() override { end(ending::abrupt); }

  [[nodiscard]] guarantees promised() const override {
    return {.settles_with_letters = guarantees::promise::no}; // the offset is committed in its time
  }
  [[nodiscard]] std::size_t delays() const override { return config().redelivery.delays.size(); }
  [[nodiscard]] std::size_t process_ending_attempts() const override { return config().redelivery.process_ending_attempts; }
  [[nodiscard]] std::size_t batches_in_flight() const override { return config().batches_in_flight; }

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(kafka::spawn_publisher(context("test/publisher"), test_connection(), {.topic = topic_}));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override { return source(to, config()); }

  source_actor source(const handler_actor& to, kafka::subscription with) {
    const auto letters =
      owned(kafka::spawn_publisher(context("test/letters"), test_connection(), {.topic = kafka::dead_letter_topic(topic_)}));
    return owned_source(kafka::spawn_source(context("test/source"), test_connection(), std::move(with), to, letters));
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(kafka::spawn_dead_letters(context("test/dead-letters"), test_connection(), {topic_}));
    return letters_;
  }

  [[nodiscard]] kafka::subscription config() const {
    kafka::subscription made;
    made.topic = topic_;
    made.group = "group-" + topic_;
    made.batch = 20;
    made.commit_every = std::chrono::milliseconds{100};
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  [[nodiscard]] const std::string& topic() const noexcept { return topic_; }

private:
  random_source random_ = system_random();
  const std::string topic_;
};

/// A topic of one partition.
class kafka_topic : public kafka_transport {
public:
  kafka_topic() : kafka_transport(1) {}
};

/// A topic of several partitions.
class kafka_partitions : public kafka_transport {
public:
  kafka_partitions() : kafka_transport(3) {}
};

} // namespace troupe::contract
