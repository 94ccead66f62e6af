#pragma once

#include <string>
#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::http {

/// What becomes of the connection after an answer.
enum class persistence : std::uint8_t { keep_alive, close };

/// What an answer's head says beside the response itself.
struct answer_frame {
  method verb = method::get; ///< HEAD leaves the body out, and keeps its length
  unsigned version = 11;
  persistence connection = persistence::keep_alive;
  std::string_view request_id;    ///< used where the response itself has none
  std::string_view further_lines; ///< complete header lines: date, CORS
};

/// An IMF-fixdate (RFC 9110, section 5.6.7).
std::string http_date(timestamp at);

/// Appends the answer as it goes over the wire. Control characters in header values become spaces, so that no value can
/// begin another header.
void append_answer(std::string& out, const response& answer, const answer_frame& frame);

/// Appends the head of an answer whose body has no known end; the connection closes after it.
void append_stream_head(std::string& out, std::string_view content_type, const answer_frame& frame);

/// Appends one server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html).
void append_event(std::string& out, std::string_view name, std::string_view id, std::string_view data);

} // namespace troupe::http
