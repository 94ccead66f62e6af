#pragma once

#include <string_view>
#include <vector>

#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/session.hpp>

namespace troupe::amqp {

/// Declares the queues, or sees that they are there. One that is there with other properties fails with `conflict`: the
/// broker's words, what we declare, and the remedy. A queue of dead letters is then used as it is.
expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how);

/// What an operator can do about a queue that is there with other properties, of which the broker says `words`; it begins
/// with a semicolon. Empty where they do not speak of that.
std::string_view remedy_of(const queue& what, std::string_view words) noexcept;

} // namespace troupe::amqp
