#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace troupe {

/// Everything that can go wrong between a sender and an effect, for every transport.
/// Every bridge maps its library's codes into this enum in one `switch`.
enum class errc : std::uint8_t {
  none = 0,
  // Transient: the same attempt may succeed later.
  unavailable,       ///< a dependency is away: refused, closed, not yet started
  deadline_exceeded, ///< the time a caller gave ran out before an answer
  overloaded,        ///< one of our bounds was reached and the work was refused before it began
  throttled,         ///< the peer takes no more for now
  breaker_open,      ///< not attempted: the dependency failed in a row a moment ago
  not_sent,          ///< an outbound call that provably never left this process
  outcome_unknown,   ///< sent, and no answer: the effect may or may not have happened
  actor_failed,      ///< the actor that held the request ended before it answered
  shutting_down,     ///< refused because the process is stopping
  storage_failed,    ///< the disk or the database refused a write it may accept later
  partial,           ///< a part of the answer is missing
  unauthenticated,   ///< credentials are missing or wrong, until an operator corrects them
  untrusted,         ///< the peer cannot prove its identity, until its certificate or our trust is corrected
  forbidden,         ///< our identity lacks the permission, until an operator grants it
  // Permanent: the same attempt fails for ever.
  undecodable,        ///< bytes that no decoder of their destination understands
  rejected,           ///< refused for ever by a handler, a schema or a store
  invalid,            ///< a value outside its domain
  unsupported,        ///< the peer does not know how
  not_found,          ///< no such route, topic, queue or document
  conflict,           ///< exists already with other properties
  cancelled,          ///< the caller left and wants no answer
  locked,             ///< owned by another process
  newer_schema,       ///< written by a newer version of the program
  intensity_exceeded, ///< restarted too often: the supervisor gave up
  internal,           ///< a broken invariant of ours
};

/// The code's name, as it stands in logs, metrics labels and dead letters. Never reworded: operators match on it.
std::string_view to_string(errc code) noexcept;

/// The code with the given name; `errc::internal` for a name that no version ever had.
errc errc_from_string(std::string_view name) noexcept;

/// Whether a later attempt may succeed with the same message.
bool is_transient(errc code) noexcept;

/// An error with an explanation. `reason` is for people; decisions look at `code` only.
struct failure {
  errc code = errc::internal;
  std::string reason;
  /// A serialized `google.rpc.Status`, where a contract's handler or a gRPC peer has given one: the exact status code and
  /// its details. Empty: the code and the reason are all.
  std::string status = {};

  friend bool operator==(const failure&, const failure&) = default;
};

/// `invalid`, with the mistakes of a configuration in one line.
failure invalid(const std::vector<std::string>& mistakes);

/// "code: reason", or the code alone.
std::string to_string(const failure& why);

/// A value, or why there is none.
template <class T>
using expected = boost::system::result<T, failure>;

/// What `expected::value()` throws when there is none: a programmer's error, because callers ask `has_value` first.
[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location& where);

} // namespace troupe
