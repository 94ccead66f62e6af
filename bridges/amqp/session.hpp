#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/bridges/amqp/ack_batch.hpp>
#include <troupe/bridges/amqp/codec.hpp>
#include <troupe/bridges/amqp/config.hpp>
#include <troupe/bridges/amqp/socket_interrupter.hpp>

namespace troupe::amqp {

/// A delivery.
struct arrival : received {
  /// Whether it is the answer to `pull`, or was pushed to the consumer.
  enum class manner : std::uint8_t { pulled, pushed };

  std::uint64_t tag = 0;
  manner how = manner::pushed;
  bool redelivered = false;
  std::uint32_t left = 0; ///< if it was pulled: messages behind it in the queue
};

/// The answer to `pull` if the queue is empty.
struct nothing_there {};

/// The broker has accepted messages, or refused them.
struct confirm {
  std::uint64_t number = 0;
  reach how = reach::one;
  bool accepted = true;
};

/// No queue accepts the message.
struct returned_message {
  failure why;
  message content;
};

/// The broker has ended the consumer, for example because its queue was deleted.
struct consumer_cancelled {};

/// The answer to `cancel`: the broker pushes nothing more.
struct consumer_ended {};

/// The answer to `ask_depth`.
struct queue_depth {
  std::uint32_t ready = 0; ///< messages that no consumer has
};

/// The broker reads nothing that is published until `publishing_unblocked`.
struct publishing_blocked {
  std::string why;
};
struct publishing_unblocked {};

using session_event = std::variant<arrival, nothing_there, confirm, returned_message, consumer_cancelled, consumer_ended,
                                   queue_depth, publishing_blocked, publishing_unblocked>;

/// A connection with one channel. After any failure it must be replaced by a new one. One thread at a time, which must call
/// `next` about every 100 ms, because the library sends heartbeats there.
class session {
public:
  /// Connects and logs in. `line` must outlive the session; null: nothing interrupts it. Fails with `unauthenticated` if the
  /// broker refuses the login, and with `untrusted` if its certificate cannot be verified.
  static expected<session> open(const connection& to, const access& where, const address& at, socket_interrupter* line);
  /// The same, once for each host of the access, until one succeeds.
  static expected<session> open_any(const connection& to);

  session(session&&) noexcept;
  session& operator=(session&&) noexcept;
  ~session();

  // These wait for the broker's answer.

  expected<void> declare(const queue& wanted);
  expected<void> expect_queue(const std::string& name);
  expected<void> declare_exchange(const std::string& name, const std::string& type);
  expected<void> expect_exchange(const std::string& name);
  expected<void> bind(const std::string& queue, const std::string& exchange, const std::string& routing_key);
  expected<void> confirm_publishes();
  expected<void> consume(const std::string& queue, const std::string& tag, std::uint16_t prefetch);
  /// Replaces a channel that the broker has closed.
  expected<void> reopen_channel();

  // These do not.

  /// Fails with `rejected` for a message that cannot be carried; the session stays usable. Blocks while the broker reads
  /// nothing, until the socket is interrupted.
  expected<void> publish(const std::string& exchange, const std::string& routing_key, const message& content,
                         const header_list& headers, publication how);
  expected<void> pull(const std::string& queue);
  expected<void> cancel(const std::string& tag);
  /// Of a queue that exists. Needs no permission, and changes nothing.
  expected<void> ask_depth(const std::string& queue);
  expected<void> acknowledge(const ack& settled);
  /// Returns every unsettled delivery to its queue, before any later request to that queue is served.
  expected<void> give_back();

  /// The next event, or nothing if none has arrived. Fails with the broker's words if it closes the channel or the
  /// connection.
  expected<std::optional<session_event>> next();

  /// What is written between these two is sent in as few segments as possible, at most 200 ms late.
  void hold_back() const noexcept;
  void let_go() const noexcept;

  /// Whether a message can be written now.
  [[nodiscard]] bool writable() const noexcept;
  /// The socket to wait for.
  [[nodiscard]] int socket() const noexcept;

  /// Closes the connection. The broker has processed everything that was sent when it returns.
  void close() noexcept;

  class state;

private:
  explicit session(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

/// Declares the queues, or checks that they exist. A queue that exists with other properties fails with `conflict`: the
/// broker's words, what Troupe declares, and the remedy. A queue of dead letters is used as it is.
expected<void> prepare(session& on, const std::vector<queue>& queues, declaring how);

} // namespace troupe::amqp
