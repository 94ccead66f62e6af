#pragma once

#include <memory>
#include <vector>

#include <troupe/bridges/embedded/dead_letters.hpp>
#include <troupe/bridges/embedded/publisher.hpp>
#include <troupe/bridges/embedded/source.hpp>

#include "../temporary_folder.hpp"
#include "../transport_life.hpp"

namespace troupe::contract {

/// An embedded stream or queue in a folder of its own.
class embedded_transport : public transport_life {
public:
  explicit embedded_transport(embedded::destination to) : to_(std::move(to)) { begin(); }
  ~embedded_transport() override { end(ending::abrupt); }

  [[nodiscard]] guarantees promised() const override { return {}; }
  [[nodiscard]] std::size_t delays() const override { return config().redelivery.delays.size(); }
  [[nodiscard]] std::size_t process_ending_attempts() const override { return config().redelivery.process_ending_attempts; }

  [[nodiscard]] std::size_t batches_in_flight() const override { return config().batches_in_flight; }

  sqlite::database_ptr& database() { return database_; }

  publisher_actor publisher() override {
    if (!publisher_)
      publisher_ = owned(embedded::spawn_publisher(context("test/publisher"), database_, to_));
    return publisher_;
  }

  source_actor source(const handler_actor& to) override { return source(to, config()); }

  source_actor source(const handler_actor& to, embedded::subscription with) {
    return owned_source(embedded::spawn_source(context("test/source"), database_, std::move(with), to));
  }

  dead_letters_actor dead_letters() override {
    if (!letters_)
      letters_ = owned(embedded::spawn_dead_letters(context("test/letters"), database_));
    return letters_;
  }

  [[nodiscard]] embedded::subscription config() const {
    embedded::subscription made;
    made.from = to_;
    if (to_.kind == embedded::destination_kind::stream)
      made.group = "group";
    made.batch = 20;
    made.redelivery.delays = {std::chrono::milliseconds{1}, std::chrono::milliseconds{2}, std::chrono::milliseconds{3}};
    return made;
  }

  [[nodiscard]] sqlite::options settings() const {
    sqlite::options made;
    made.folder = folder_.path();
    made.watcher = watcher;
    return made;
  }

private:
  void begin() override {
    transport_life::begin();
    auto opened = sqlite::open(settings());
    if (opened.has_error())
      throw std::runtime_error(to_string(opened.error()));
    database_ = std::move(*opened);
  }

  void release() override { database_ = nullptr; }

  temporary_folder folder_;
  embedded::destination to_;
  sqlite::database_ptr database_;
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

/// Waits for the end of an actor, and returns its reason.
template <class Actor>
failure end_of(embedded_transport& in, const Actor& actor) {
  caf::scoped_actor self{in.system()};
  self->monitor(actor);
  failure why;
  self->receive([&why](const caf::down_msg& down) { why = to_failure(down.reason); });
  return why;
}

} // namespace troupe::contract
