#pragma once

#include <cstdint>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe::http {

enum class greeting_form : std::uint8_t {
  gateway, ///< {"greeting":[...]}
  array,   ///< the bare array with a trailing newline
};

/// How a route writes greetings, and how long it waits for them at most.
struct greeting_terms {
  greeting_form form = greeting_form::gateway;
  greeting_order order = greeting_order::pre_order;
  duration at_most{};
};

struct greeting_call {
  greet ask;
  trace_origin origin = trace_origin::none;
};

/// Reads a call from a request. Fails with `invalid` for an ill-formed Troupe header, and with `deadline_exceeded`
/// when the caller has no time left. Malformed trace headers never fail.
expected<greeting_call> decode_greeting_call(const request& incoming, const greeting_terms& terms, instant now,
                                             const random_source& random);

/// The answer with 200; what is missing stands in a header.
response encode_greeting_answer(const greeting_answer& answer, greeting_form form, greeting_order order);

} // namespace troupe::http
