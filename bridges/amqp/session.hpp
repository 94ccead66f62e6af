#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/socket_interrupter.hpp>

namespace troupe::amqp {

/// A message for us.
struct arrival {
  /// Whether it answers `pull`, or was pushed to the consumer.
  enum class manner : std::uint8_t { pulled, pushed };

  std::uint64_t tag = 0;
  manner how = manner::pushed;
  bool redelivered = false;
  std::uint32_t left = 0; ///< of one that was pulled: messages behind it in the queue
  received what;
};

/// The answer to `pull` where the queue holds nothing.
struct nothing_there {};

/// The broker has taken messages, or refused them.
struct confirm {
  std::uint64_t number = 0;
  reach how = reach::one;
  bool taken = true;
};

/// No queue takes the message.
struct returned_message {
  failure why;
  message what;
};

/// The broker has ended our consumer, as when its queue is deleted.
struct consumer_cancelled {};

/// The broker pushes nothing more, as was asked by `cancel`.
struct consumer_ended {};

/// The broker reads nothing that we publish, until it says so.
struct publishing_blocked {
  std::string why;
};
struct publishing_unblocked {};

using session_event = std::variant<arrival, nothing_there, confirm, returned_message, consumer_cancelled, consumer_ended,
                                   publishing_blocked, publishing_unblocked>;

/// A connection with one channel. Whatever fails on it ends it: the next one begins anew. One thread at a time, which must
/// call `next` every 100 ms or so, because the signs of life are given there.
class session {
public:
  /// Connects and logs in. `line` must outlive it. Fails with `unauthenticated` where the broker refuses the login,
  /// `untrusted` where it cannot prove who it is.
  static expected<session> open(const connection& to, const access& where, const address& at, socket_interrupter& line);

  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  /// These wait for the broker's answer.
  expected<void> declare(const queue& what);
  expected<void> expect_queue(const std::string& name);
  expected<void> declare_exchange(const std::string& name, const std::string& type);
  expected<void> expect_exchange(const std::string& name);
  expected<void> bind(const std::string& queue, const std::string& exchange, const std::string& routing_key);
  expected<void> confirm_publishes();
  expected<void> consume(const std::string& queue, const std::string& tag, std::uint16_t prefetch);
  /// A new channel in the place of one that the broker has closed.
  expected<void> reopen_channel();

  /// These do not. `publish` fails with `rejected` for a message that cannot be carried, and the session goes on; it waits
  /// where the broker reads nothing, until the socket_interrupter is cut.
  expected<void> publish(const std::string& exchange, const std::string& routing_key, const message& what,
                         const header_list& headers, publication how);
  expected<void> pull(const std::string& queue);
  expected<void> cancel(const std::string& tag);
  expected<void> acknowledge(const ack& what);
  /// Everything in hand goes back to its queue, before anything that anybody asks of it later.
  expected<void> give_back();

  /// What the broker says next; nothing: it has said nothing more. Fails with its words when it closes channel or
  /// connection.
  expected<std::optional<session_event>> next();

  /// What is written between these two goes out in as few pieces as it fits into, a fifth of a second late at most.
  void hold_back() const noexcept;
  void let_go() const noexcept;

  /// Whether a message can be written now.
  [[nodiscard]] bool writable() const noexcept;
  /// What to wait on.
  [[nodiscard]] int socket() const noexcept;

  /// Says good-bye: everything that was sent is done before it returns.
  void close() noexcept;

  class state;

private:
  explicit session(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

} // namespace troupe::amqp
