#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// How a message stood where it was read, as far as the message itself does not say it: null beside empty, headers in their
/// order and in the form that they had. The bridge that read it writes it again from this, as long as nobody has changed the
/// message; it is nothing to others.
struct wire_form {
  enum class payload_value : std::uint8_t { bytes, null };
  struct field {
    std::string name;
    std::optional<std::string> value; ///< none: null

    friend bool operator==(const field&, const field&) = default;
  };

  payload_value payload = payload_value::bytes;
  std::vector<field> headers; ///< all of them, those of identity, media type and trace too

  friend bool operator==(const wire_form&, const wire_form&) = default;
};

/// What is published and consumed: bytes with an identity.
struct message {
  std::string id;                 ///< kept through retry, dead letter and redrive; the store's unique key
  std::optional<std::string> key; ///< messages of one key keep their order; without one, each is its own key
  std::string content_type;       ///< a media type; empty: not told
  header_list headers;            ///< the author's own; identity and trace have members of their own
  trace_context trace;
  std::string payload;             ///< bytes, never changed between publisher and handler
  std::optional<wire_form> wire{}; ///< as Kafka had it; none: the message says all
  /// What a broker of AMQP told beside all this, as it stood on the wire: for that bridge alone, which publishes it again
  /// when the message is set aside, delayed or sent back. Empty of others.
  std::string properties{};

  /// Whether they say the same; how a broker put it is left out.
  friend bool operator==(const message& left, const message& right) {
    const auto all = [](const message& of) {
      return std::tie(of.id, of.key, of.content_type, of.headers, of.trace, of.payload);
    };
    return all(left) == all(right);
  }
};

/// Messages for one destination (a stream, topic, queue or exchange that the receiving bridge was configured with).
struct publish {
  std::vector<message> messages;
};

/// What became of each message of a `publish`, in its order. `errc::none` means acknowledged: durable at the destination.
struct published {
  std::vector<failure> outcomes;

  /// Whether every message was acknowledged.
  [[nodiscard]] bool complete() const noexcept {
    for (const auto& outcome : outcomes)
      if (outcome.code != errc::none)
        return false;
    return true;
  }
};

/// Where a delivery came from.
struct origin {
  std::string source; ///< topic, stream or queue
  std::int32_t partition = 0;
  std::int64_t offset = 0; ///< or the queue's sequence number

  friend bool operator==(const origin&, const origin&) = default;
};

/// A message on its way to a handler.
struct delivery {
  origin from;
  message content;
  std::uint32_t attempts = 0; ///< how often it was handed out before this time

  friend bool operator==(const delivery&, const delivery&) = default;
};

/// A batch, never larger than the credit of whom it goes to. Deliveries of one key stand in their order.
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
  verdict what = verdict::done;
  failure why{errc::none, {}}; ///< for `retry` and `reject`
  /// For `done`: what comes of the delivery, to be published in one transaction with its settlement. Only a source that was
  /// told where to takes them; to any other the reply is a `reject` with `unsupported`.
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

/// Asks a source to bring in no more work and to finish what is under way.
struct drain {
  duration at_most{};
};

/// The answer to `drain`.
struct drained {
  std::uint64_t unfinished = 0; ///< deliveries or messages that stay unsettled
};

/// Why a message was set aside. Travels as headers beside the unchanged bytes.
struct dead_letter {
  message content;
  origin from;
  failure why;
  std::uint32_t attempts = 0;
  timestamp first_failure;
  timestamp last_failure;
  std::string service; ///< the consumer that gave up

  friend bool operator==(const dead_letter&, const dead_letter&) = default;
};

/// The names of the headers that carry identity and dead-letter facts on transports that have only headers.
namespace header_name {
inline constexpr std::string_view message_id = "message-id";
inline constexpr std::string_view reason = "dead-letter-reason";
inline constexpr std::string_view error_code = "dead-letter-error";
inline constexpr std::string_view origin_source = "dead-letter-source";
inline constexpr std::string_view origin_partition = "dead-letter-partition";
inline constexpr std::string_view origin_offset = "dead-letter-offset";
inline constexpr std::string_view attempts = "dead-letter-attempts";
inline constexpr std::string_view first_failure = "dead-letter-first-failure";
inline constexpr std::string_view last_failure = "dead-letter-last-failure";
inline constexpr std::string_view service = "dead-letter-service";
} // namespace header_name

/// The message's own headers and those that tell why it was set aside.
header_list dead_letter_headers(const dead_letter& letter);

/// Reads them back; `letter.content` keeps only its own headers, in its wire form too. Fails with `undecodable` where a fact
/// is missing.
expected<dead_letter> dead_letter_from_headers(message content);

} // namespace troupe
