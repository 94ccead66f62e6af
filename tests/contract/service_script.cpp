#include "service_script.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/drain.hpp>

namespace troupe::contract {

namespace {

/// How long a test waits for what must happen, before it fails.
constexpr std::chrono::seconds patience{20};

// A greeter that can also be made to answer what it holds: `drain` is a message that exists.
using scripted_actor = caf::typed_actor<caf::result<greeting_answer>(greet), caf::result<drained>(drain)>;

class scripted_state {
public:
  scripted_state(scripted_actor::pointer self, std::shared_ptr<script> lines, greeting_answer held)
    : self_(self), lines_(std::move(lines)), answer_(std::move(held)) {}

  scripted_actor::behavior_type make_behavior() {
    return {[this](const greet& what) -> caf::result<greeting_answer> {
              // The promise stands before the test learns of the call, so that `release` finds it.
              const auto how = lines_->how();
              if (!how)
                held_.push_back(self_->make_response_promise<greeting_answer>());
              lines_->saw(what);
              return how ? how(what) : caf::result<greeting_answer>{held_.back()};
            },
            [this](const drain&) {
              for (auto& each : held_)
                each.deliver(answer_);
              held_.clear();
              return drained{};
            }};
  }

private:
  scripted_actor::pointer self_;
  std::shared_ptr<script> lines_;
  greeting_answer answer_;
  std::vector<caf::typed_response_promise<greeting_answer>> held_;
};

} // namespace

void script::answer_by(answering how) {
  const std::scoped_lock lock{guard_};
  how_ = std::move(how);
}

void script::saw(const greet& what) {
  const std::scoped_lock lock{guard_};
  calls_.push_back(what);
  changed_.notify_all();
}

greet script::call(std::size_t number) {
  std::unique_lock lock{guard_};
  if (!changed_.wait_for(lock, patience, [&] { return calls_.size() >= number; }))
    throw std::runtime_error("the greeter was not called");
  return calls_[number - 1];
}

std::size_t script::calls() const {
  const std::scoped_lock lock{guard_};
  return calls_.size();
}

script::answering script::how() const {
  const std::scoped_lock lock{guard_};
  return how_;
}

greeter_actor spawn_scripted_service(caf::actor_system& system, std::shared_ptr<script> lines, greeting_answer held) {
  return caf::actor_cast<greeter_actor>(spawn_supervised<scripted_actor, scripted_state>(
    unsupervised(system, "service-a/greeter"), std::move(lines), std::move(held)));
}

void release_held(const greeter_actor& service) {
  send_anonymously(caf::actor_cast<scripted_actor>(service), drain{});
}

} // namespace troupe::contract
