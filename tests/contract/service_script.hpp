#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include <troupe/messages/ports/greeter.hpp>

namespace troupe::contract {

/// What the scripted greeter does with its next calls, and what it saw of those before.
class script {
public:
  using answering = std::function<caf::result<greeting_answer>(const greet&)>;

  void answer_by(answering how);
  /// Keeps calls unanswered until `release_held`.
  void hold() { answer_by(nullptr); }
  void saw(const greet& what);
  /// Waits for the call of that number, the first being 1.
  greet call(std::size_t number);
  std::size_t calls() const;
  answering how() const;

private:
  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::deque<greet> calls_;
  answering how_;
};

/// A greeter that does what the script says; what it held it answers with `held`. For an actor that is to be ended by the
/// test.
greeter_actor spawn_scripted_service(caf::actor_system& system, std::shared_ptr<script> lines, greeting_answer held);

/// Has a greeter of `spawn_scripted_service` answer the calls that it held.
void release_held(const greeter_actor& service);

} // namespace troupe::contract
