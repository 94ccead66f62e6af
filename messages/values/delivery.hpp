#pragma once

#include <cstdint>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/message.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// A message on its way to a handler.
struct delivery {
  origin from;
  message content;
  std::uint32_t attempts = 0; ///< how often it was handed out before this time

  friend bool operator==(const delivery&, const delivery&) = default;
};

/// A batch, never larger than the receiver's credit. Deliveries of one key are in order.
struct deliveries {
  std::vector<delivery> batch;
};

/// What a handler makes of one delivery.
enum class verdict : std::uint8_t {
  done,      ///< its effect is durable
  retry,     ///< a transient failure that in-place retries did not cure
  reject,    ///< a permanent failure
  untouched, ///< not attempted: behind another of its key, or while a breaker is open. Costs no attempt
};

struct reply {
  troupe::verdict verdict = troupe::verdict::done;
  failure why{errc::none, {}}; ///< for `retry` and `reject`
  /// For `done`: messages to publish in one transaction with the settlement of the delivery. Only a source with a
  /// configured destination accepts them; any other treats the reply as a `reject` with `unsupported`.
  std::vector<message> results{};

  friend bool operator==(const reply&, const reply&) = default;
};

/// Asks the source to hand out nothing for a while, and then at most `probe` deliveries until one of them is done.
struct hold {
  duration pause{};
  std::uint32_t probe = 1;

  friend bool operator==(const hold&, const hold&) = default;
};

/// One reply per delivery, in the batch's order; fewer or more is a programmer's error and counts as `actor_failed`.
struct replies {
  std::vector<reply> each;
  std::optional<hold> pause;
};

} // namespace troupe
