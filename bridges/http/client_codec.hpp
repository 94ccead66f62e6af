#pragma once

#include <string>
#include <string_view>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/client_target.hpp>
#include <troupe/messages/values/greeting.hpp>

namespace troupe::http {

/// A request on its way to a server.
struct outgoing_request {
  std::string head; ///< up to the header with the remaining time
  std::string body = {};
  answer_body expects = answer_body::possible;
};

/// Adds a header; a value that no header can carry is left out, and so is an empty one.
void append_header(std::string& head, std::string_view name, std::string_view value);

/// Adds the headers of a trace that the next hop takes.
void append_trace(std::string& head, const trace_context& trace);

/// A call as a GET: the trace, the order and the call's id.
outgoing_request encode_greeting_request(const client_target& target, const greet& call);

/// Ends the head of a request, at the moment when it is written.
void append_remaining_time(std::string& request, duration remaining);

/// What an answer means. A success that is no list of greetings is `undecodable`; what the server is short of is
/// `throttled`.
expected<greeting_answer> decode_greeting_answer(const http_answer& answer);

/// The code for a status that is no success; that of our problem body (RFC 9457) where it is more exact.
errc error_of_status(unsigned status, std::string_view body);

} // namespace troupe::http
