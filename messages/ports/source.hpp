#pragma once

#include <cstdint>

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/drain.hpp>

namespace troupe {

/// Brings work into the process: an inbound bridge's subscription, a producer.
///
/// - `drain` -> how much work it leaves unfinished. It hands out nothing more, waits at most `at_most` for what is in
///   flight, makes its settlements durable, and answers once. What is unfinished stays unsettled and comes again.
using source_actor = caf::typed_actor<caf::result<drained>(drain)>;

} // namespace troupe
