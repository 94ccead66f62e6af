#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::inbound {

/// What a transport supplies for a source.
struct source_setup {
  std::string channel;               ///< the topic or queue that it consumes, for reports of its thread
  std::string system = "troupe";     ///< `messaging.system` of its spans: kafka, rabbitmq, ...
  std::vector<std::string> mistakes; ///< in the configuration; if there are any, the source ends with `invalid`
  duration answer_within;            ///< for one request to the handler
  make_linked_thread<consumer_link> consumer;
  make_driven_consumer driven;                            ///< instead of a thread
  make_linked_thread<outbound::sender_link> retry_sender; ///< for retries with an address; begins with the first of them
};

/// Spawns the actor between a consumer, which has a thread or is driven by the actor, and the handler. It sends requests to
/// the handler, publishes dead letters to `dead_letters` and retries to `retries`, and gives the outcomes to the consumer.
///
/// It ends when the consumer fails, with that failure. After a drain it stays and answers further `drain` requests.
source_actor spawn_source(const spawn_context& context, source_setup setup, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries = {});

} // namespace troupe::inbound
