#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <troupe/messages/values/error.hpp>

namespace troupe::amqp {

/// A broker takes no message of more than `most` bytes: `words` are its own.
struct size_refusal {
  std::size_t most = 0;
  std::string words;
};

/// The refusal of a size, if it is one. The broker says it by ending the channel, and not of which message.
std::optional<size_refusal> refusal_of_size(const failure& why);

} // namespace troupe::amqp
