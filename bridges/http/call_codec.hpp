#pragma once

#include <string_view>

#include <troupe/bridges/http/message.hpp>
#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe::http {

/// What the headers of a request say of the call that it makes: its context without metadata and whether it is abandoned.
struct received_call {
  call_context context;
  trace_origin origin = trace_origin::none;
};

/// Reads a call's id (a random one where it has none), its trace, and its deadline: `at_most` from `now`, or sooner. Fails
/// with `invalid` for an ill-formed Troupe header, and with `deadline_exceeded` when the caller has no time left. Malformed
/// trace headers never fail.
expected<received_call> decode_call(const request& incoming, duration at_most, instant now, const random_source& random);

/// Whether a header is metadata of a call: all but those of the connection, of the body (save `content-encoding`), of the
/// trace and of Troupe.
bool is_metadata(std::string_view name) noexcept;

/// The request's headers that are metadata of the call. Names in lower case.
header_list metadata_of(const request& incoming);

} // namespace troupe::http
