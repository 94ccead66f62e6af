#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <amqp.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::amqp {

/// Maps a reply code of the broker (https://www.rabbitmq.com/amqp-0-9-1-reference.html#constants).
errc reply_to_errc(std::uint16_t code) noexcept;

/// Maps a status of rabbitmq-c.
errc status_to_errc(int status) noexcept;

/// The same with the words of the broker or the library: "404 NOT_FOUND - no queue 'foo'".
failure reply_to_failure(std::uint16_t code, std::string_view words);
failure status_to_failure(int status, std::string_view detail = {});

/// The reply code and the words with which the broker closes a channel or the connection.
struct closing {
  std::uint16_t code = 0;
  std::string_view words; ///< in the library's memory
};

/// Returns nothing for any other method.
std::optional<closing> closing_of(const amqp_method_t& method) noexcept;

/// The outcome of a synchronous request; `errc::none` if it succeeded.
failure to_failure(const amqp_rpc_reply_t& reply);

} // namespace troupe::amqp
