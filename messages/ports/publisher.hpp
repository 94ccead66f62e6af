#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe {

/// Sends messages to one destination: an embedded stream or queue, a Kafka topic, an AMQP queue.
///
/// - `publish` -> what became of each message, given only after the destination made it durable or refused it. An error
///   concerns all of them; `outcome_unknown` means that some may have arrived.
using publisher_actor = caf::typed_actor<caf::result<published>(publish)>;

} // namespace troupe
