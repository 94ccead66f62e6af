#pragma once

#include <string>
#include <string_view>

#include <troupe/bridges/http/answer_reader.hpp>
#include <troupe/bridges/http/config.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::http {

/// One request to an administration listener, for a command line: connects, asks, reads the answer, closes, within
/// `timeout`. Blocks its thread. A body is sent as JSON; a token that is not empty as a bearer's. Fails with `not_sent`
/// where nobody listens, `deadline_exceeded` when the time ran out, `outcome_unknown` when the connection broke after the
/// request was sent, and `undecodable` for an answer that is not HTTP. Whatever status the server answers is no failure.
expected<http_answer> call(const endpoint& where, method verb, std::string_view target, std::string_view body,
                           duration timeout, const secret& token = {});

} // namespace troupe::http
