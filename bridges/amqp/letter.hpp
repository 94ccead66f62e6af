#pragma once

#include <cstdint>
#include <string>

#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/messages/values/dead_letter.hpp>

namespace troupe::amqp {

/// The dead letter in a message of the dead letters of `queue`. Every message there is one: what the broker set aside tells
/// less, and has no times.
dead_letter letter_of(received what, const std::string& queue);

/// What a dead letter can do without, where its headers leave no room for it.
enum class shortening : std::uint8_t { of_the_reason, of_all_facts };

/// The message of a dead letter with less beside it.
message shortened(message letter, shortening how);

/// Its number, above zero: by when it failed last, then by which one it is. One that is later by a sixteenth of
/// a second has a higher one; what has no times stands before all.
std::int64_t number_of(const dead_letter& what);

} // namespace troupe::amqp
