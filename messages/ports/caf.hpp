#pragma once

// The one place, beside requests.hpp, where CAF 0.18 and CAF 1.x differ. Everything else keeps to what both have.

#include <chrono>
#include <memory>
#include <utility>

#include <caf/all.hpp>

#if __has_include(<caf/anon_mail.hpp>)
#include <caf/anon_mail.hpp>
#include <caf/scheduler.hpp>
#define TROUPE_CAF_1 1
#else
#define TROUPE_CAF_1 0
#endif

namespace troupe {

#if TROUPE_CAF_1
using execution_context = caf::scheduler;
#else
using execution_context = caf::execution_unit;
#endif

/// Sends without an answer. `self` is the sending actor.
template <class Self, class Handle, class Message>
void send(Self* self, const Handle& receiver, Message&& message) {
#if TROUPE_CAF_1
  self->mail(std::forward<Message>(message)).send(receiver);
#else
  self->send(receiver, std::forward<Message>(message));
#endif
}

/// Sends from any thread, without a sender.
template <class Handle, class Message>
void send_anonymously(const Handle& receiver, Message&& message) {
#if TROUPE_CAF_1
  caf::anon_mail(std::forward<Message>(message)).send(receiver);
#else
  caf::anon_send(receiver, std::forward<Message>(message));
#endif
}

/// The same, past what waits in the receiver's mailbox.
template <class Handle, class Message>
void send_first(const Handle& receiver, Message&& message) {
#if TROUPE_CAF_1
  caf::anon_mail(std::forward<Message>(message)).urgent().send(receiver);
#else
  caf::anon_send<caf::message_priority::high>(receiver, std::forward<Message>(message));
#endif
}

/// Sends to `receiver` after `delay` on the actor clock.
template <class Self, class Handle, class Message>
void send_later(Self* self, const Handle& receiver, std::chrono::nanoseconds delay, Message&& message) {
#if TROUPE_CAF_1
  self->mail(std::forward<Message>(message)).delay(delay).send(receiver);
#else
  self->delayed_send(receiver, delay, std::forward<Message>(message));
#endif
}

/// Asks, with a finite timeout. Call `.then(on_value, on_error)` on the result, always with both.
template <class Self, class Handle, class Message>
auto ask(Self* self, const Handle& receiver, std::chrono::nanoseconds timeout, Message&& message) {
#if TROUPE_CAF_1
  return self->mail(std::forward<Message>(message)).request(receiver, timeout);
#else
  return self->request(receiver, timeout, std::forward<Message>(message));
#endif
}

/// Asks an actor to end for `reason`, from any thread.
template <class Handle>
void ask_to_end(const Handle& actor, caf::exit_reason reason) {
  caf::anon_send_exit(actor, reason);
}

} // namespace troupe
