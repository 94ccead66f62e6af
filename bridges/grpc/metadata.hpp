#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/greeting.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/identifier.hpp>

// What stands beside a message in gRPC's metadata. Pure, and without gRPC's own headers.

namespace troupe::grpc {

/// What the metadata of a call says: all of `greet` but its deadline and its caller.
struct received_call {
  greet ask;
  trace_origin origin = trace_origin::none;
};

/// Reads a call's metadata. What is not gRPC's own, not the trace's and not ours is forwarded. An ill-formed call id or
/// order fails with `invalid`; without them the call gets a random id and is answered in pre-order. Malformed
/// trace headers never fail.
expected<received_call> decode_call(std::span<const header_view> metadata, const random_source& random);

/// Passes on what a call carries: the trace, the call's id where it is a UUID, the order where it is not pre-order, which is
/// the default, and what is forwarded. Leaves out what gRPC would not carry. Returns how many headers it withheld because a
/// peer with gRPC's default limits, which reads 8 KiB of metadata in all, would refuse the call for them: of those that are
/// forwarded each that does not fit any more. The trace is written by `write_bounded_headers`.
std::size_t encode_call(const greet& call, const header_taker& to);

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

/// The initial metadata of our errors: the requested order, which no proxy between would add.
header_list encode_error_metadata(greeting_order order);

/// Whether an error's initial metadata is a Troupe service's.
bool is_from_troupe(const header_list& metadata) noexcept;

} // namespace troupe::grpc
