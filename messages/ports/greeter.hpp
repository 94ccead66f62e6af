#pragma once

#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/greeting.hpp>

namespace troupe {

/// Answers with greetings: an actor in this process, a gRPC client, an HTTP client.
///
/// - `greet` -> a tree of greetings. Answers within `answer_by`; what is missing by then is listed in
///   `greeting_answer::missing`. An error means that not even the greeter's own greeting could be given.
using greeter_actor = caf::typed_actor<caf::result<greeting_answer>(greet)>;

} // namespace troupe
