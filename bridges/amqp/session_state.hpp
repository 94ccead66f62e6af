#pragma once

#include <string>

#include <amqp.h>
#include <amqp_framing.h>

#include <troupe/bridges/amqp/errors.hpp>
#include <troupe/bridges/amqp/frames.hpp>
#include <troupe/bridges/amqp/handles.hpp>
#include <troupe/bridges/amqp/session.hpp>

namespace troupe::amqp {

inline constexpr amqp_channel_t our_channel = 1;
inline constexpr int frame_size = 131072; // the broker's own default

/// The message whose parts are arriving.
using incoming = std::variant<std::monostate, arrival, returned_message>;

/// The library's connection, and the message whose parts are arriving.
class session::state {
public:
  state(connection_handle made, socket_interrupter* on, std::string login) noexcept
    : handle(std::move(made)), line(on), user(std::move(login)) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (line != nullptr)
      line->release();
  }

  [[nodiscard]] expected<void> outcome() const {
    if (auto why = to_failure(amqp_get_rpc_reply(handle.get())); why.code != errc::none)
      return why;
    return {};
  }

  [[nodiscard]] static expected<void> outcome(int status) {
    if (status != AMQP_STATUS_OK)
      return status_to_failure(status);
    return {};
  }

  /// Takes one frame. Returns the event that it completes, if any.
  expected<std::optional<session_event>> take(const amqp_frame_t& frame);

  connection_handle handle;
  socket_interrupter* line; ///< null: nothing interrupts it
  std::string user;         ///< of the login; empty: not known

private:
  expected<std::optional<session_event>> take_method(const amqp_method_t& method);
  std::optional<session_event> complete();

  incoming arriving_;
  received content_;
  std::uint64_t body_left_ = 0;
};

/// Opens the library's connection: socket, TLS, login, channel.
expected<connection_handle> open_connection(const connection& to, const access& where, const address& at,
                                            socket_interrupter* line);

} // namespace troupe::amqp
