#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

enum class queue_kind : std::uint8_t {
  quorum,    ///< durable and replicated: confirmed messages survive the loss of a broker
  reference, ///< the classic, non-durable queue of the reference platform, exactly as its peers declare it
  letters,   ///< durable and classic, for dead letters: only a classic queue does not count a read as a delivery, and keeps
             ///< the order. One that exists is used as it is
};

/// One of the arguments with which a queue is declared, as https://www.rabbitmq.com/queues.html#optional-arguments lists
/// them.
struct argument {
  std::string name;
  std::variant<std::string, std::int64_t> value;

  friend bool operator==(const argument&, const argument&) = default;
};

/// A queue with everything by which it is declared. All users of a queue must declare the same, so create it by one of the
/// functions below.
struct queue {
  std::string name;
  queue_kind kind = queue_kind::quorum;
  std::vector<argument> arguments; ///< in addition to the kind's own

  friend bool operator==(const queue&, const queue&) = default;
};

/// A queue that services publish to and consume from. Messages that the broker itself removes from a quorum queue (by a
/// policy's delivery limit or time to live) go to its dead-letter queue, at least once.
queue work_queue(std::string name, queue_kind kind = queue_kind::quorum);

/// The queue of the dead letters of a queue: `NAME.dlq`, durable even if the queue is not. Not a quorum queue, because that
/// counts every read as a delivery and drops what exceeds a delivery limit.
queue dead_letter_queue(const queue& of);
std::string dead_letter_queue_name(std::string_view of);

/// The queue in which deliveries of a queue wait for a retry: `NAME.retry.MILLISECONDS`. After that time the broker sends
/// them back, at least once. Durable even if the queue is not.
queue delay_queue(const queue& of, duration delay);

/// Every queue that a subscription to `work` needs: the queue, its dead-letter queue, and a delay queue for each delay.
std::vector<queue> queues_around(const queue& work, const std::vector<duration>& delays);

/// All arguments of the declaration, those of the kind first.
std::vector<argument> arguments_of(const queue& declared);

bool is_durable(const queue& declared) noexcept;

/// The properties in words: "durable=true, x-queue-type=quorum".
std::string properties_text(const queue& declared);

/// What an operator can do about a queue that exists with other properties, given the broker's `words`; begins with a
/// semicolon. Empty if the words are about something else.
std::string_view remedy_of(const queue& declared, std::string_view words) noexcept;

} // namespace troupe::amqp
