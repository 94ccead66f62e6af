#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <troupe/messages/ports/caf.hpp>

namespace troupe {

/// Where an actor has its turn for a message that no actor sent.
enum class turns : std::uint8_t {
  here,      ///< in the thread that sends, as `driver` says
  scheduler, ///< on the scheduler's threads
};

/// Sends from a thread that is no actor's, and runs in that thread the receiver, the actors that it asks, and so on, as far
/// as they have nothing else to do. A bridge whose own thread waits for the outcome anyway saves the
/// way to the scheduler's threads and back, which for a short handler takes longer than the handler.
///
/// At most `most_turns` actors get a turn, the rest goes to the scheduler. What runs elsewhere goes on there. Not for a
/// thread that holds a lock which a handler could want. Any thread, one message at a time each.
class driver final
#if !TROUPE_CAF_1
  : caf::execution_unit
#endif
{
public:
  template <class Handle, class Message>
  static void send(const Handle& receiver, Message&& message) {
#if TROUPE_CAF_1
    send_anonymously(receiver, std::forward<Message>(message));
#else
    hand(*caf::actor_cast<caf::abstract_actor*>(receiver),
         caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<Message>(message)), turns::here);
#endif
  }

#if !TROUPE_CAF_1
  /// The same for a message in its envelope.
  static void hand(caf::abstract_actor& to, caf::mailbox_element_ptr element, turns where) {
    if (where == turns::scheduler) {
      to.enqueue(std::move(element), nullptr);
      return;
    }
    driver here{to.home_system()};
    to.enqueue(std::move(element), &here);
    here.run();
  }

private:
  static constexpr std::size_t most_turns = 16;
  static constexpr std::size_t messages_a_turn = 300; // as the program sets it for the scheduler

  explicit driver(caf::actor_system& system) : execution_unit(&system) {}

  void exec_later(caf::resumable* job) override {
    if (known_ == most_turns)
      system().scheduler().enqueue(job);
    else
      waiting_[known_++] = job;
  }

  // A waiting actor holds a reference for its turn, as in CAF's workers.
  void run() {
    for (std::size_t turn = 0; turn != known_; ++turn) {
      auto* const job = waiting_[turn];
      if (job->resume(this, messages_a_turn) == caf::resumable::resume_later)
        system().scheduler().enqueue(job);
      else
        caf::intrusive_ptr_release(job);
    }
  }

  std::array<caf::resumable*, most_turns> waiting_; // those before `known_`
  std::size_t known_ = 0;
#endif
};

} // namespace troupe
