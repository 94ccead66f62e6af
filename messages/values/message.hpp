#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// What the message itself does not say of the form in which it was read: null beside empty, headers in their
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
  std::string content_type;       ///< a media type; empty: unknown
  header_list headers;            ///< the application's; identity and trace have their own members
  trace_context trace;
  std::string payload;             ///< bytes, never changed between publisher and handler
  std::optional<wire_form> wire{}; ///< as Kafka had it; none: the message says all
  /// The other properties that an AMQP broker sent, in wire form: for that bridge alone, which publishes them again
  /// when the message is set aside, delayed or sent back. Empty of others.
  std::string properties{};
  /// When it was published, as its transport says: Kafka's timestamp of the record, the time at which the data file took it,
  /// AMQP's `timestamp` property; none where that says nothing.
  std::optional<timestamp> published_at{};

  /// Whether they say the same; how and when a broker put it is left out.
  friend bool operator==(const message& left, const message& right) {
    const auto all = [](const message& of) {
      return std::tie(of.id, of.key, of.content_type, of.headers, of.trace, of.payload);
    };
    return all(left) == all(right);
  }
};

/// Where a delivery came from.
struct origin {
  std::string source; ///< topic, stream or queue
  std::int32_t partition = 0;
  std::int64_t offset = 0; ///< or the queue's sequence number

  friend bool operator==(const origin&, const origin&) = default;
};

namespace header_name {
/// The header that carries a message's id on transports that have only headers.
inline constexpr std::string_view message_id = "message-id";
} // namespace header_name

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

} // namespace troupe
