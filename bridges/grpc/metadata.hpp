#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/identifier.hpp>

// What stands beside a message in gRPC's metadata. Pure, and without gRPC's own headers.

namespace troupe::grpc {

/// What the metadata of a call says: all of its context but the deadline and whether it is abandoned.
struct received_context {
  call_context context;
  trace_origin origin = trace_origin::none;
};

/// Reads a call's metadata. What is not gRPC's own, not the trace's and not the call's id is kept as metadata. An ill-formed
/// call id fails with `invalid`; without one the call gets a random id. Malformed trace headers never fail.
expected<received_context> decode_context(std::span<const header_view> metadata, const random_source& random);

/// Passes on what a call carries: the trace, the call's id where it is a UUID, and its metadata. Leaves out what gRPC would
/// not carry. Returns how many headers it withheld because a peer with gRPC's default limits, which reads 8 KiB of metadata
/// in all, would refuse the call for them: each that does not fit any more. The trace is written by `write_bounded_headers`.
std::size_t encode_context(const call_context& call, const header_taker& to);

/// The call of a greeter for a context that was received: the order is read from its metadata, and what is not Troupe's is
/// forwarded. An ill-formed order fails with `invalid`; without one the call is answered in pre-order.
expected<greet> greet_of(call_context received);

/// The context in which a greeter is called by another process: the order is among its metadata where it is not pre-order,
/// which is the default.
call_context context_of(greet call);

/// Whether gRPC carries such a header: a lower-case name that is not gRPC's own, and a value of visible ASCII and spaces
/// unless the name ends in `-bin`.
bool is_legal_metadata(const header_view& header) noexcept;

/// The trailing metadata of an answer. What is missing is cut after a whole entry where a peer with gRPC's default limits
/// could not read it.
header_list encode_trailers(const greeting_answer& answer);

/// The trailing metadata of an error: `retry-after` in seconds where the caller should only wait a moment.
header_list encode_trailers(const failure& why);

/// What an answer lacks, from its trailing metadata.
std::vector<shortfall> decode_trailers(const header_list& trailers);

/// The initial metadata of our errors: the requested order, or the call's id, which no proxy between would add.
header_list encode_error_metadata(greeting_order order);
header_list encode_error_metadata(const std::string& call_id);

/// The trailing metadata of a contract's answer, without what gRPC would not carry. Fails with `internal` where a peer with
/// gRPC's default limits could not read it: it would refuse the answer.
expected<header_list> encode_answer_metadata(const header_list& metadata);

/// Whether an error's initial metadata is a Troupe service's.
bool is_from_troupe(const header_list& metadata) noexcept;

} // namespace troupe::grpc
