#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe::amqp {

/// What a queue promises.
enum class queue_kind : std::uint8_t {
  quorum,    ///< durable and replicated: what was confirmed survives the end of a broker
  reference, ///< the classic queue of the reference platform: gone with its broker. Its peers declare it just so
  letters,   ///< durable and classic, for dead letters: only a classic queue counts no look as a delivery, and keeps the
             ///< order. One that is there already is used as it is
};

/// One of the arguments with which a queue is declared, as https://www.rabbitmq.com/queues.html#optional-arguments lists
/// them.
struct argument {
  std::string name;
  std::variant<std::string, std::int64_t> value;

  friend bool operator==(const argument&, const argument&) = default;
};

/// A queue with everything by which it is declared. Whoever uses one queue must name the same, so make it by one of the
/// functions below.
struct queue {
  std::string name;
  queue_kind kind = queue_kind::quorum;
  std::vector<argument> arguments; ///< beside the kind's own

  friend bool operator==(const queue&, const queue&) = default;
};

/// A queue that services publish to and consume from. What the broker itself sets aside of a quorum queue (by a delivery
/// limit or a time to live of some policy) goes to its dead letters, at least once.
queue work_queue(std::string name, queue_kind kind = queue_kind::quorum);

/// Where the dead letters of a queue go: `NAME.dlq`, durable also where the queue is not, and no quorum queue: what that
/// gives to somebody who looks it counts, and beyond a delivery limit it drops it.
queue dead_letter_queue(const queue& of);
std::string dead_letter_queue_name(std::string_view of);

/// Where deliveries of a queue wait for a retry: `NAME.retry.MILLISECONDS`, from which the broker sends them back when that
/// time is over, at least once. Durable also where the queue is not.
queue delay_queue(const queue& of, duration delay);

/// Everything that a subscription to `work` needs: the queue, its dead letters, and a place to wait for each delay.
std::vector<queue> queues_around(const queue& work, const std::vector<duration>& delays);

/// All arguments that are declared, those of the kind first.
std::vector<argument> arguments_of(const queue& what);

bool is_durable(const queue& what) noexcept;

/// In words: "durable=true, x-queue-type=quorum".
std::string properties_text(const queue& what);

} // namespace troupe::amqp
