#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actors/contracts/call.hpp>
#include <troupe/actors/contracts/client.hpp>
#include <troupe/messages/contracts/codec.hpp>
#include <troupe/messages/values/headers.hpp>
#include <troupe/messages/values/message.hpp>

namespace troupe {

/// A channel that a service publishes to.
struct channel_link {
  publisher_actor actor;
  std::string name;
  std::string media_type; ///< of the messages; empty: the codec chooses
};

/// A store that a service writes to.
struct store_link {
  store_actor actor;
  std::string database;
  std::string collection;
};

/// What stands beside the value of a published message. Not an aggregate: GCC 12 destroys one twice that is made within an
/// awaited expression.
class publish_options {
public:
  publish_options() = default;
  publish_options(std::string key_of) : key(std::move(key_of)) {} // NOLINT(google-explicit-constructor): mostly all of it

  std::optional<std::string> key; ///< messages of one key keep their order; none: each is its own key
  header_list headers;
  /// The message's identity; none: derived from the call, so that a repeated call publishes the same messages again.
  std::optional<std::string> id;
};

namespace coroutines {

template <class Actor, class Request, class Answer>
struct effect_beginning {
  call_sender* sender;
  Actor to;
  duration at_most;
  Request request;

  void operator()(std::shared_ptr<pending<Answer>> outcome) {
    sender->send(to, at_most, std::move(request), std::move(outcome));
  }
};

using publish_beginning = effect_beginning<publisher_actor, publish, published>;
using write_beginning = effect_beginning<store_actor, write_documents, written>;

} // namespace coroutines

/// Publishes when it is awaited, which ends when every message is durable at its destination, or throws `call_failed`.
class [[nodiscard]] publishing : private coroutines::operation<published, coroutines::publish_beginning> {
  using base = coroutines::operation<published, coroutines::publish_beginning>;

public:
  publishing(coroutines::publish_beginning begin, failure unwritten)
    : publishing(begin.request.messages.size(), std::move(begin), std::move(unwritten)) {}

  /// A value that its codec could not write is not sent.
  [[nodiscard]] bool await_ready() const noexcept { return unwritten_.code != errc::none; }
  using base::await_suspend;
  void await_resume();

private:
  publishing(std::size_t messages, coroutines::publish_beginning&& begin, failure&& unwritten)
    : base(std::move(begin)), messages_(messages), unwritten_(std::move(unwritten)) {}

  std::size_t messages_;
  failure unwritten_;
};

/// Writes a document when it is awaited, which ends when it is durable, or throws `call_failed`. A document whose id is
/// there already is left as it is, and counts as written.
class [[nodiscard]] writing : private coroutines::operation<written, coroutines::write_beginning> {
  using base = coroutines::operation<written, coroutines::write_beginning>;

public:
  explicit writing(coroutines::write_beginning begin) : base(std::move(begin)) {}

  using base::await_ready;
  using base::await_suspend;
  void await_resume();
};

/// The message that carries `value` to a channel on behalf of `at`: in its trace, and under an id that is derived from it
/// unless `how` has another. Fails where the codec cannot write the value.
template <class T>
expected<message> message_to(const channel_link& to, const T& value, call& at, publish_options how) {
  auto context = at.next("publish " + to.name);
  auto encoded = codec<T>::encode(value, to.media_type);
  if (encoded.has_error())
    return std::move(encoded).error();
  message result;
  result.id = how.id ? std::move(*how.id) : std::move(context.id);
  result.key = std::move(how.key);
  result.headers = std::move(how.headers);
  result.trace = context.trace;
  result.content_type = std::move(encoded->media_type);
  result.payload = std::move(encoded->payload);
  return result;
}

/// Publishes messages of one type to one channel. Copies are the same. Used on its actor's thread alone.
template <class T>
class channel_publisher {
public:
  channel_publisher(const channel_link& to, call_sender& sender, duration at_most = std::chrono::seconds{30})
    : to_(to), sender_(&sender), at_most_(at_most) {}

  /// On behalf of the call that is answered or the delivery that is handled: in its trace, and under an id that is derived
  /// from it unless `how` has another.
  publishing publish(const T& value, call& at, publish_options how = {}) const {
    auto sent = message_to(to_, value, at, std::move(how));
    failure unwritten{errc::none, {}};
    troupe::publish request;
    if (sent.has_error())
      unwritten = std::move(sent).error();
    else
      request.messages.push_back(std::move(*sent));
    return {{sender_, to_.actor, at_most_, std::move(request)}, std::move(unwritten)};
  }

private:
  channel_link to_;
  call_sender* sender_;
  duration at_most_;
};

/// Writes documents to one store. Copies are the same. Used on its actor's thread alone.
class document_store {
public:
  document_store(store_link to, call_sender& sender, duration at_most = std::chrono::seconds{10})
    : to_(std::move(to)), sender_(&sender), at_most_(at_most) {}

  /// The same store, whose writes are in that trace.
  [[nodiscard]] document_store within(const trace_context& trace) const {
    auto result = *this;
    result.trace_ = trace;
    return result;
  }

  /// `id` is UTF-8, and identifies the document for ever. `body` is a JSON object in MongoDB's relaxed extended form.
  writing write(std::string id, std::string body) const;

  /// A value whose codec writes JSON, such as a message of protobuf and a described struct.
  template <class T>
  requires requires(const T& value) { codec<T>::encode(value, contracts::json_media_type); }
  writing write(std::string id, const T& value) const {
    auto text = codec<T>::encode(value, contracts::json_media_type);
    if (text.has_error())
      throw call_failed{std::move(text).error()};
    return write(std::move(id), std::move(text->payload));
  }

private:
  store_link to_;
  call_sender* sender_;
  duration at_most_;
  trace_context trace_;
};

} // namespace troupe
