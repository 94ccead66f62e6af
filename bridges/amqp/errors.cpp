#include <troupe/bridges/amqp/errors.hpp>

#include <string>

#include <amqp_framing.h>

#include <troupe/bridges/amqp/frames.hpp>

namespace troupe::amqp {

errc reply_to_errc(std::uint16_t code) noexcept {
  switch (code) {
    case AMQP_REPLY_SUCCESS:
      return errc::none;

    case AMQP_CONTENT_TOO_LARGE:
      return errc::rejected;

    case AMQP_ACCESS_REFUSED:
    case AMQP_NOT_ALLOWED:
      return errc::forbidden;

    case AMQP_INVALID_PATH:
      return errc::invalid;

    case AMQP_RESOURCE_LOCKED:
    case AMQP_PRECONDITION_FAILED:
      return errc::conflict;

    case AMQP_NOT_IMPLEMENTED:
      return errc::unsupported;

    case AMQP_FRAME_ERROR:
    case AMQP_SYNTAX_ERROR:
    case AMQP_COMMAND_INVALID:
    case AMQP_CHANNEL_ERROR:
    case AMQP_UNEXPECTED_FRAME:
      return errc::internal;

    case AMQP_RESOURCE_ERROR:
      return errc::throttled;

    case AMQP_NOT_FOUND:
      return errc::not_found;

    // The rest is transient: a queue for a message that is returned now may be created a moment later.
    default:
      return errc::unavailable;
  }
}

errc status_to_errc(int status) noexcept {
  switch (status) {
    case AMQP_STATUS_OK:
      return errc::none;

    case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
    case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
      return errc::untrusted;

    case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
      return errc::unauthenticated;

    case AMQP_STATUS_BAD_URL:
    case AMQP_STATUS_INVALID_PARAMETER:
    case AMQP_STATUS_TABLE_TOO_BIG:
      return errc::invalid;

    case AMQP_STATUS_UNSUPPORTED:
    case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
      return errc::unsupported;

    case AMQP_STATUS_NO_MEMORY:
      return errc::internal;

    // Everything else is transient: a peer that is away, a connection that broke or fell silent.
    default:
      return errc::unavailable;
  }
}

failure reply_to_failure(std::uint16_t code, std::string_view words) {
  return {reply_to_errc(code), std::to_string(code) + ' ' + std::string{words}};
}

failure status_to_failure(int status, std::string_view detail) {
  std::string reason = amqp_error_string2(status);
  if (!detail.empty())
    reason.append(" (").append(detail).append(")");
  return {status_to_errc(status), std::move(reason)};
}

std::optional<closing> closing_of(const amqp_method_t& method) noexcept {
  const auto read = [](const auto& close) { return closing{close.reply_code, text_of(close.reply_text)}; };
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD)
    return read(*static_cast<const amqp_connection_close_t*>(method.decoded));
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD)
    return read(*static_cast<const amqp_channel_close_t*>(method.decoded));
  return std::nullopt;
}

failure to_failure(const amqp_rpc_reply_t& reply) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return {errc::none, {}};
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return status_to_failure(reply.library_error);
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      if (const auto closed = closing_of(reply.reply))
        return reply_to_failure(closed->code, closed->words);
      return {errc::internal, "the broker sent an unexpected reply"};
    case AMQP_RESPONSE_NONE:
      break;
  }
  return {errc::unavailable, "the broker closed the connection"};
}

} // namespace troupe::amqp
