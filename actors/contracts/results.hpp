#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actors/contracts/bound_function.hpp>
#include <troupe/actors/contracts/effects.hpp>
#include <troupe/messages/contracts/codec.hpp>

namespace troupe {

class delivery_context;

/// A message that a handler gives, with what stands beside its value. A value alone does where the key of the message that
/// is handled is the right one.
template <class T>
class outgoing {
public:
  outgoing(T sent, publish_options with = {}) // NOLINT(google-explicit-constructor): mostly the value alone
    : value(std::move(sent)), how(std::move(with)) {}

  T value;
  publish_options how;
};

namespace coroutines {

template <class T>
concept has_codec = requires {
  codec<T>::name();
};

/// The type of the messages that a handler gives: `void` where it gives none. It gives a value or an `outgoing`, a
/// `std::optional` or a `std::vector` of these, or a task of any of them.
template <class Result>
struct message_in {
  using type = void;
};
template <has_codec T>
struct message_in<T> {
  using type = T;
};
template <class T>
struct message_in<outgoing<T>> {
  using type = T;
};
template <class T>
requires(!has_codec<std::optional<T>>) struct message_in<std::optional<T>> : message_in<T> {
};
template <class T>
requires(!has_codec<std::vector<T>>) struct message_in<std::vector<T>> : message_in<T> {
};
template <class T>
struct message_in<task<T>> : message_in<T> {};

template <class T, class Handler>
struct result_of_handler {
  using type = std::invoke_result_t<Handler&, T, delivery_context&>;
};
template <class T, has_parameters Handler>
struct result_of_handler<T, Handler> {
  using type = typename parameters_of<Handler>::result;
};

/// The type of the messages that a handler of messages of type `T` gives, or `void`.
template <class T, class Handler>
using message_given = typename message_in<std::decay_t<typename result_of_handler<T, Handler>::type>>::type;

} // namespace coroutines

} // namespace troupe
