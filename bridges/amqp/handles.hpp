#pragma once

#include <memory>

#include <amqp.h>

namespace troupe::amqp {

/// Owns a connection with its socket. It is not closed on the way: after an error the library bears nothing but its end.
struct connection_deleter {
  void operator()(amqp_connection_state_t what) const noexcept { amqp_destroy_connection(what); }
};
using connection_handle = std::unique_ptr<amqp_connection_state_t_, connection_deleter>;

} // namespace troupe::amqp
