#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <troupe/messages/values/call.hpp>
#include <troupe/messages/values/deadline.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe {

/// What a service says.
struct greeting {
  std::string id; ///< a UUID; also the message id and the store's key wherever this greeting goes
  std::string service;
  std::string message;
  timestamp created;
  std::string hostname; ///< empty: unknown (the platforms before 2021 do not send it)

  friend bool operator==(const greeting&, const greeting&) = default;
};

/// The greetings of a service and of those it called, in the order of the calls. A Troupe service has one own greeting;
/// a reference peer, whose answer has no structure, is one node with all its greetings in the order of that answer.
struct greeting_tree {
  std::vector<greeting> own;
  std::vector<greeting_tree> downstream;

  friend bool operator==(const greeting_tree&, const greeting_tree&) = default;
};

/// The order in which a tree is written as a list.
enum class greeting_order : std::uint8_t {
  pre_order,  ///< a service before those it asked: the gRPC platforms' (A, B, D, E, G, H, C)
  post_order, ///< after them: the HTTP platforms' (D, G, H, E, B, C, A)
};

/// The headers (metadata) that say on a hop between Troupe's services what the reference platforms do not say.
namespace header_name {
inline constexpr std::string_view order = "troupe-greeting-order"; ///< "pre" or "post"
inline constexpr std::string_view timeout = "troupe-timeout";      ///< over HTTP: remaining time as in `grpc-timeout`
inline constexpr std::string_view missing = "troupe-missing";      ///< of the answer: what it lacks
} // namespace header_name

/// "pre" or "post": the value of `header_name::order`.
std::string_view to_string(greeting_order order) noexcept;

/// Reads `to_string`'s form.
std::optional<greeting_order> greeting_order_from_string(std::string_view text) noexcept;

/// Shows every greeting of the tree, in the given order.
template <class See>
void for_each_greeting(const greeting_tree& tree, greeting_order order, See&& see) {
  const auto show_own = [&] {
    for (const auto& each : tree.own)
      see(each);
  };
  if (order == greeting_order::pre_order)
    show_own();
  for (const auto& each : tree.downstream)
    for_each_greeting(each, order, see);
  if (order == greeting_order::post_order)
    show_own();
}

/// The tree's greetings in the given order.
std::vector<greeting> flatten(const greeting_tree& tree, greeting_order order);

/// A part of the answer that is missing, or an effect that did not happen. The caller gets it beside the answer.
struct shortfall {
  std::string service; ///< which could not be asked, or whose effect failed
  std::string part;    ///< "greeting", "publish" or "store"
  errc error = errc::internal;

  friend bool operator==(const shortfall&, const shortfall&) = default;
};

/// A request for greetings.
struct greet {
  /// Names this call over all its attempts. A callee derives the ids of its greeting, messages and calls from it.
  std::string call_id;
  trace_context trace;
  deadline answer_by;
  /// Metadata that travels on to every downstream call, beside the trace: what the gRPC reference services forward.
  header_list forwarded;
  /// The caller's own greeting, which the 2021 gRPC platform sends along.
  std::optional<greeting> caller;
  /// The order in which the answer will be written. It matters only to a callee in another process, whose answer travels as
  /// a list.
  greeting_order order = greeting_order::pre_order;
  /// Requests a stop when the caller has left and wants no answer: its outbound calls are then cancelled. Effects that have
  /// begun go on.
  std::stop_token abandoned = {};
};

/// The greetings, and what is missing among them. Complete when nothing is.
struct greeting_answer {
  greeting_tree tree;
  std::vector<shortfall> missing;

  [[nodiscard]] bool complete() const noexcept { return missing.empty(); }

  friend bool operator==(const greeting_answer&, const greeting_answer&) = default;
};

/// The value of the `troupe-missing` header (metadata, trailer), which lists what an answer lacks: an RFC 8941 list such as
/// `service-e;part=greeting;error=deadline_exceeded, service-d;part=publish;error=unavailable`. Empty when complete.
std::string missing_header(const std::vector<shortfall>& missing);

/// Reads `missing_header`'s form, skipping what is ill formed.
std::vector<shortfall> parse_missing_header(std::string_view text);

} // namespace troupe
