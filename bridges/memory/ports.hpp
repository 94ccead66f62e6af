#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/memory/broker.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>
#include <troupe/messages/settings/description.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::memory {

struct subscription {
  destination from;
  std::string group; ///< of a stream
  std::size_t batch = 100;
  std::size_t batches_in_flight = 1;
  duration answer_within = std::chrono::seconds{60};
  policies::redelivery_config redelivery;
};

template <class Visitor, settings::self_of<subscription> Self>
void describe(Visitor& v, Self& config) {
  v.value("batch", config.batch, settings::between<std::size_t>{1, 10'000}, "deliveries in one request to the handler");
  v.value("batches-in-flight", config.batches_in_flight, settings::between<std::size_t>{1, 10'000});
  v.value("answer-within", config.answer_within, settings::any_wait, "for one request to the handler");
}

/// The actors of this transport use only the threads and the clock of the actor system: under virtual time a program over
/// them always runs the same way. The times of a dead letter are those of that clock.
publisher_actor spawn_publisher(const spawn_context& context, const std::shared_ptr<broker>& at, const destination& to);
source_actor spawn_source(const spawn_context& context, const std::shared_ptr<broker>& at, const subscription& config,
                          handler_actor handler, publisher_actor dead_letters);

} // namespace troupe::memory
