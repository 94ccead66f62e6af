#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/http/client_config.hpp>
#include <troupe/messages/ports/greeter.hpp>

namespace troupe::http {

/// Spawns a greeter that asks another process over HTTP: one GET per call, on connections that are kept alive. It asks once;
/// besides the deadline, retry, budget and breaker belong to its caller. Its errors:
///
/// - the peer's greetings as one node in the peer's own order, which is the order asked for where the peer is ours
/// - `not_sent` when nothing of the request left the process, `outcome_unknown` when the connection ended after something
///   had and before the whole answer came
/// - `deadline_exceeded` at the deadline and `cancelled` when the caller leaves; both close the connection
/// - `throttled` for what the peer is short of, `overloaded` for our own bound
/// - `unauthenticated` where the peer refuses our certificate, and `untrusted` where its own is not to be trusted or for
///   another host; either way nothing was sent
///
/// The name is looked up for each new connection, and all its addresses are used. Throws `std::invalid_argument` for a
/// configuration that `validate` refuses.
greeter_actor spawn_greeter_client(const spawn_context& context, client_config config);

} // namespace troupe::http
