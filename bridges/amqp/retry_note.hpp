#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/messages/values/time.hpp>
#include <troupe/policies/redelivery.hpp>

namespace troupe::amqp {

/// What a delivery takes along through a delay queue, whose broker counts anew.
struct retry_note {
  policies::attempt_count count;
  timestamp first_failure;

  friend bool operator==(const retry_note&, const retry_note&) = default;
};

/// The name of the header that carries it.
inline constexpr std::string_view retry_header = "troupe-retry";

/// That header's value, `ATTEMPTS:ANSWERED:TIME`, and back; nothing for what is none.
std::string to_text(const retry_note& what);
std::optional<retry_note> parse_retry_note(std::string_view text);

} // namespace troupe::amqp
