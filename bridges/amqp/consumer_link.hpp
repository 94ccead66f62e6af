#pragma once

#include <troupe/bridges/amqp/waker.hpp>
#include <troupe/bridges/inbound/consumer_link.hpp>

namespace troupe::amqp {

/// What a consumer's thread and its actor share.
using consumer_link = waker_link<inbound::consumer_link>;

} // namespace troupe::amqp
