#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actors/contracts/bound_function.hpp>
#include <troupe/actors/contracts/effect_context.hpp>
#include <troupe/actors/contracts/results.hpp>
#include <troupe/actors/contracts/service.hpp>
#include <troupe/messages/contracts/codec.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/values/identifier.hpp>

namespace troupe {

/// A delivery while it is handled. As a `call` it is what the handler calls and publishes on behalf of: in the trace of the
/// message, until the time of its consumer is over, and under ids that are derived from the message's, so that a delivery
/// that comes again has the same effects. Lives until the handler has ended; used on its actor's thread alone.
class delivery_context : public effect_context {
public:
  /// `results` lives longer, and may be null: no messages are expected of the handler.
  delivery_context(const delivery& received, call_context context, const service_context& parts,
                   const channel_link* results = nullptr)
    : effect_context(std::move(context), parts), received_(received), results_(results) {}

  [[nodiscard]] const delivery& received() const noexcept { return received_; }
  /// An id for a document that is the message's effect: the message's own id as text, which every repetition has.
  [[nodiscard]] std::string document_id() const { return id_text(received_.content.id); }

  /// The channel of the messages that the handler gives. Throws `std::logic_error` where there is none.
  [[nodiscard]] const channel_link& results() const;

private:
  const delivery& received_;
  const channel_link* results_;
};

/// Handles a delivery.
using delivery_task = std::function<task<reply>(delivery_context&)>;

/// Makes what handles the deliveries of an incarnation; on its actor's thread. What it throws ends the incarnation.
using delivery_task_maker = std::function<delivery_task(service_context&)>;

struct delivery_service_config {
  delivery_task_maker make;
  service_links links;
  /// For one delivery: the timeout of the consumer in front of it.
  duration at_most = std::chrono::seconds{30};
  interleaving deliveries = interleaving::allowed;
  /// Of the messages that the handler gives. With an actor they are published before the delivery is answered; without one
  /// they go with the answer to the source, which publishes them in one transaction with the settlement.
  std::optional<channel_link> into = {};
};

/// Spawns a handler each of whose deliveries is a coroutine. Deliveries of different keys run between one another's
/// suspension points; behind a delivery that is not done, later ones of its key stay untouched.
///
/// A `call_failed` that escapes the handler is its answer: `retry` where the failure is transient, else `reject`. So is any
/// other exception: `retry` with `actor_failed`, because one bad message must not end the actor. Messages that the handler
/// gives have ids that are derived from the delivery's, so that one that comes again gives the same messages. When the
/// incarnation ends, what it has begun is destroyed, and the batch fails.
handler_actor spawn_delivery_service(const spawn_context& context, delivery_service_config config);

namespace coroutines {

inline reply to_reply(verdict given) {
  switch (given) {
    case verdict::retry:
      return {given, {errc::unavailable, "its handler asked for a retry"}, {}};
    case verdict::reject:
      return {given, {errc::rejected, "its handler rejected it"}, {}};
    default:
      return {given, {errc::none, {}}, {}};
  }
}

inline reply to_reply(reply given) {
  return given;
}

// Adds what a handler gives to the results of its delivery.

template <class T>
void add_result(const T& value, publish_options how, delivery_context& at, std::vector<message>& to) {
  if (!how.key)
    how.key = at.received().content.key;
  auto made = message_to(at.results(), value, at, std::move(how));
  if (made.has_error())
    throw call_failed{std::move(made).error()};
  to.push_back(std::move(*made));
}

template <has_codec T>
void add_results(const T& given, delivery_context& at, std::vector<message>& to) {
  add_result(given, {}, at, to);
}

template <class T>
void add_results(const outgoing<T>& given, delivery_context& at, std::vector<message>& to) {
  add_result(given.value, given.how, at, to);
}

template <class T>
requires(!has_codec<std::vector<T>>) void add_results(const std::vector<T>& given, delivery_context& at,
                                                      std::vector<message>& to);

template <class T>
requires(!has_codec<std::optional<T>>) void add_results(const std::optional<T>& given, delivery_context& at,
                                                        std::vector<message>& to) {
  if (given)
    add_results(*given, at, to);
}

template <class T>
requires(!has_codec<std::vector<T>>) void add_results(const std::vector<T>& given, delivery_context& at,
                                                      std::vector<message>& to) {
  for (const auto& each : given)
    add_results(each, at, to);
}

template <class Given>
reply reply_with(const Given& given, delivery_context& at) {
  reply result;
  add_results(given, at, result.results);
  return result;
}

// What a handler of messages of type `T` makes of one: a function or a coroutine, which gives a `verdict`, a `reply`,
// messages, or nothing. The latter two mean `done`.
template <class T, class Handler>
task<reply> handle_value(Handler& handle, delivery_context& at) {
  auto value = codec<T>::decode(at.received().content);
  if (value.has_error())
    co_return reply{is_transient(value.error().code) ? verdict::retry : verdict::reject, std::move(value).error(), {}};
  using result = std::invoke_result_t<Handler&, T, delivery_context&>;
  constexpr bool gives_messages = !std::is_void_v<typename message_in<std::decay_t<result>>::type>;
  if constexpr (gives_messages && requires { typename result::promise_type; }) {
    const auto given = co_await handle(std::move(*value), at);
    co_return reply_with(given, at);
  } else if constexpr (gives_messages) {
    co_return reply_with(handle(std::move(*value), at), at);
  } else if constexpr (std::is_void_v<result>) {
    handle(std::move(*value), at);
    co_return reply{};
  } else if constexpr (requires { typename result::promise_type; }) {
    if constexpr (std::is_void_v<typename result::value_type>) {
      co_await handle(std::move(*value), at);
      co_return reply{};
    } else {
      co_return to_reply(co_await handle(std::move(*value), at));
    }
  } else {
    co_return to_reply(handle(std::move(*value), at));
  }
}

template <class T, std::size_t Given, class Function>
delivery_task handler_of(Function function, const service_context& context) {
  return [bound = bind_function<Given>(std::move(function), context)](delivery_context& at) {
    return handle_value<T>(*bound, at);
  };
}

/// The type of the messages that a handler has as its first parameter, or `T` where that is said.
template <class T, class Handler>
struct handled {
  using type = T;
};
template <has_parameters Handler>
struct handled<void, Handler> {
  using type = first_parameter<Handler>;
};

} // namespace coroutines

/// The handler of messages of the type `T`, which has a `codec`: a function or a coroutine of `(T, delivery_context&)` and
/// of what it uses, which gives a `verdict`, a `reply`, nothing, or messages (`message_in`). What cannot be decoded is
/// rejected, and so becomes a dead letter with its bytes unchanged.
template <class T, class Handler>
delivery_task_maker handles(Handler handle) {
  return [handle = std::move(handle)](service_context& context) { return coroutines::handler_of<T, 2>(handle, context); };
}

/// As above, by the `operator()` of a class that is made once for each incarnation, of a `service_context&` or of nothing.
template <class Handler>
delivery_task_maker handles_by() {
  using made = coroutines::made_function<Handler>;
  return [](service_context& context) {
    return coroutines::handler_of<coroutines::first_parameter<Handler>, 2>(made{context}, context);
  };
}

} // namespace troupe
