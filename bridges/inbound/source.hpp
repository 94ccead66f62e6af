#pragma once

#include <string>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/inbound/consumer_link.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::inbound {

/// What a transport brings to its sources.
struct source_setup {
  std::vector<std::string> mistakes; ///< of the configuration; with any, the source ends with `invalid`
  duration answer_within;            ///< for one request to the handler
  make_linked_thread<consumer_link> consumer;
  make_driven_consumer driven;                            ///< instead of a thread
  make_linked_thread<outbound::sender_link> retry_sender; ///< of the retries that name an address; begins with the first
};

/// Spawns the actor between a consumer, on its thread or driven by the actor, and the handler: it asks the handler,
/// publishes dead letters to `dead_letters` and retries to `retries`, and gives the consumer what came of it.
///
/// It ends when the consumer does, with its failure; after a drain it stays, with the answer to it.
source_actor spawn_source(const spawn_context& context, source_setup setup, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries = {});

} // namespace troupe::inbound
