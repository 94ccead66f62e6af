#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/delivery.hpp>

namespace troupe {

/// Gives deliveries their effect: a consumer, or the author's actor behind a consumer.
///
/// - `deliveries` -> one reply per delivery, in order. Within a batch, per key, the handler stops at the first delivery that
///   is not `done` and answers `untouched` for the later ones of that key. An error (or an actor that ends) concerns the
///   whole batch: nothing is known of any of its deliveries.
using handler_actor = caf::typed_actor<caf::result<replies>(deliveries)>;

} // namespace troupe
