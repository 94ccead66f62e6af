#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/secret_reading.hpp>

namespace troupe {

/// Reads secrets.
///
/// - `read_secret` -> the secret. Errors are `not_found`, `forbidden` and `unauthenticated` (until an operator corrects it),
///   `unavailable` and `throttled` (its keeper is away or busy), `undecodable` (it is not what the reference says),
///   `unsupported` (this source does not know that keeper) and `deadline_exceeded`. No reason ever quotes a secret.
using secret_source_actor = caf::typed_actor<caf::result<secret_value>(read_secret)>;

} // namespace troupe
