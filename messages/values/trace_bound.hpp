#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// What the trace headers of a call may take at most, of the 8 KiB that a peer with gRPC's default limits reads in all.
inline constexpr std::size_t most_trace_bytes = 2048;

/// What a header counts for in a peer's bound: its octets and 32 (RFC 9113, section 6.5.2).
constexpr std::size_t header_size(const header_view& header) noexcept {
  return header.name.size() + header.value.size() + 32;
}

/// The newest entries of a `tracestate`, which stand first, in at most `most` bytes. The oldest go first; an entry of more
/// than 128 bytes that does not fit goes before the shorter ones behind it
/// (https://www.w3.org/TR/trace-context/#tracestate-limits).
std::string newest_trace_state(std::string_view text, std::size_t most);

/// Passes on the headers that `inject` writes, within `most_trace_bytes`: entries of `tracestate` go until they fit, but 512
/// bytes of it stay; `x-request-id` and then `x-ot-span-context`, which cannot be cut, are left out where they do not fit
/// beside.
void write_bounded_headers(const trace_context& context, const header_taker& to);

} // namespace troupe
