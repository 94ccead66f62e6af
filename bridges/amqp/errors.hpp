#pragma once

#include <cstdint>
#include <string_view>

#include <amqp.h>

#include <troupe/messages/values/error.hpp>

namespace troupe::amqp {

/// What a reply code of the broker's means to us (https://www.rabbitmq.com/amqp-0-9-1-reference.html#constants).
errc reply_to_errc(std::uint16_t code) noexcept;

/// What a status of rabbitmq-c's means to us.
errc status_to_errc(int status) noexcept;

/// The same with the words of who said it: "404 NOT_FOUND - no queue 'foo'".
failure reply_to_failure(std::uint16_t code, std::string_view words);
failure status_to_failure(int status, std::string_view detail = {});

/// What became of a synchronous request; `errc::none` when it was done.
failure to_failure(const amqp_rpc_reply_t& what);

/// The reply code of a refusal; 0 for anything else.
std::uint16_t reply_code(const amqp_rpc_reply_t& what) noexcept;

} // namespace troupe::amqp
