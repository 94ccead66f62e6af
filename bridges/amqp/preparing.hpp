#pragma once

#include <vector>

#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/session.hpp>

namespace troupe::amqp {

/// Declares the queues, or sees that they are there. One that is there with other properties fails with `conflict`: the
/// broker's words, and what we declare.
expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how);

} // namespace troupe::amqp
