#pragma once

#include <memory>

#include <amqp.h>

namespace troupe::amqp {

/// Owns a connection and its socket. It does not close the connection first: after an error the library allows only this.
struct connection_deleter {
  void operator()(amqp_connection_state_t owned) const noexcept { amqp_destroy_connection(owned); }
};
using connection_handle = std::unique_ptr<amqp_connection_state_t_, connection_deleter>;

} // namespace troupe::amqp
