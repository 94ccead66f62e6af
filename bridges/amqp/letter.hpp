#pragma once

#include <cstdint>
#include <string>

#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::amqp {

/// Reads a message of the dead-letter queue of `queue`. Every message there is a dead letter: one that the broker itself
/// moved there has fewer facts and no times.
dead_letter letter_of(received arrived, const std::string& queue);

/// What is left out of a dead letter if its headers leave no room.
enum class shortening : std::uint8_t { of_the_reason, of_all_facts };

/// The message of a dead letter without that.
message shortened(message letter, shortening how);

/// The number of a dead letter, above zero: the time of its last failure, then a digest of the letter. One that failed
/// 1/16 s later has a higher number; letters without times come first.
std::int64_t number_of(const dead_letter& letter);

} // namespace troupe::amqp
