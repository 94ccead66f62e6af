#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe {

/// Where in a distributed trace a message or call stands. Travels in every message; read and written in the W3C form
/// (https://www.w3.org/TR/trace-context/) and both B3 forms (https://github.com/openzipkin/b3-propagation).
struct trace_context {
  enum class sampling : std::uint8_t { deferred, dropped, sampled, debug };

  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  std::array<std::uint8_t, 8> parent_span_id{}; ///< all zero: none, or unknown
  sampling decision = sampling::deferred;
  bool b3_flags_zero = false;  ///< x-b3-flags was 0, which decides nothing and travels on as on the reference platforms
  std::string trace_state;     ///< W3C tracestate, unread
  std::string request_id;      ///< x-request-id, unread
  std::string ot_span_context; ///< x-ot-span-context, unread

  /// What this process does with the trace's spans: decided once, where the trace begins or comes in.
  enum class recording : std::uint8_t {
    undecided, ///< it came in with a call or a message
    begun,     ///< a new trace, none of whose spans has begun: the span id is that of its first
    left_out,
    exported, ///< its spans go to a collector; only those that failed or were slow are kept in the process too
    kept,
  };
  recording here = recording::undecided; ///< never leaves the process, and makes no difference between two contexts

  /// Whether trace id and span id are both non-zero.
  [[nodiscard]] bool valid() const noexcept;
  /// Whether spans of it are recorded in this process.
  [[nodiscard]] bool recorded() const noexcept { return here == recording::kept || here == recording::exported; }

  friend bool operator==(const trace_context& left, const trace_context& right) noexcept {
    const auto all = [](const trace_context& of) {
      return std::tie(of.trace_id, of.span_id, of.parent_span_id, of.decision, of.b3_flags_zero, of.trace_state,
                      of.request_id, of.ot_span_context);
    };
    return all(left) == all(right);
  }
};

/// The names of the headers that carry a trace.
namespace header_name {
inline constexpr std::string_view traceparent = "traceparent";
inline constexpr std::string_view tracestate = "tracestate";
inline constexpr std::string_view b3_trace_id = "x-b3-traceid";
inline constexpr std::string_view b3_span_id = "x-b3-spanid";
inline constexpr std::string_view b3_parent_span_id = "x-b3-parentspanid";
inline constexpr std::string_view b3_sampled = "x-b3-sampled";
inline constexpr std::string_view b3_flags = "x-b3-flags";
inline constexpr std::string_view b3 = "b3";
inline constexpr std::string_view request_id = "x-request-id";
inline constexpr std::string_view ot_span_context = "x-ot-span-context";
} // namespace header_name

/// Where the trace of a received call comes from.
enum class trace_origin : std::uint8_t {
  caller,    ///< continued
  none,      ///< begun here
  malformed, ///< begun here, because the caller's could not be read
};

/// Whether `inject` writes or removes headers of that name: code that forwards headers beside a trace must skip these.
bool is_trace_header(std::string_view name) noexcept;

/// What `extract` found in a set of headers.
struct extracted_trace {
  trace_context context;  ///< not `valid()` when no form was present or none was well formed
  bool malformed = false; ///< a trace header was present and ill formed: to be counted, then ignored
};

/// Reads the context from headers: `traceparent` and `tracestate` first, else multi-header B3, else single-header `b3`.
/// `x-request-id` and `x-ot-span-context` are taken along whatever the form. Never fails.
///
/// W3C's sampled flag means `sampled` when set and `dropped` when not. It cannot express a parent, `debug` and
/// `deferred`: these are taken from B3 where it names the same span. B3 may also carry a decision without ids.
extracted_trace extract(const header_list& headers);
extracted_trace extract(std::span<const header_view> headers);

/// Writes the context into headers: `traceparent` (and `tracestate` when there is one) beside the seven headers of the
/// reference platforms (x-request-id, x-b3-traceid, x-b3-spanid, x-b3-parentspanid, x-b3-sampled, x-b3-flags,
/// x-ot-span-context), each only when it has a value: ids only together, flag 01 for `sampled` and `debug`. Replaces what
/// stands there, a single `b3` header included, so that `extract` finds exactly this context.
void inject(const trace_context& context, header_list& headers);

/// Passes the headers that `inject` writes to a taker, in its order.
void tell_headers(const trace_context& context, const header_taker& to);

/// A new root: random ids, sampling deferred, and a new request id.
trace_context new_trace(const random_source& random);

/// The child of `parent`: same trace, a new span id, the parent's span as parent. Where `parent` has no valid ids it begins
/// a trace, with the parent's decision and request id.
trace_context child_of(const trace_context& parent, const random_source& random);

/// 32 lower-case hexadecimal digits.
std::string trace_id_text(const trace_context& context);

/// 16 lower-case hexadecimal digits.
std::string span_id_text(const trace_context& context);

} // namespace troupe
