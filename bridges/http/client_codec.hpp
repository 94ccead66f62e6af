#pragma once

#include <string>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/client_target.hpp>
#include <troupe/messages/values/greeting.hpp>

namespace troupe::http {

/// A call as a GET, up to the header with the remaining time: the trace, the order and the call's id. A value that no
/// header can carry is left out.
std::string encode_greeting_request(const client_target& target, const greet& call);

/// Ends that request, at the moment when it is written.
void append_remaining_time(std::string& request, duration remaining);

/// What an answer means. A success that is no list of greetings is `undecodable`; what the server is short of is
/// `throttled`.
expected<greeting_answer> decode_greeting_answer(const http_answer& answer);

/// The code for a status that is no success; that of our problem body (RFC 9457) where it is more exact.
errc error_of_status(unsigned status, std::string_view body);

} // namespace troupe::http
