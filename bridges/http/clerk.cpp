#include <troupe/bridges/http/clerk.hpp>

#include <troupe/bridges/http/dead_letter_codec.hpp>
#include <troupe/bridges/http/problem.hpp>

namespace troupe::http {

administration_reply::~administration_reply() {
  if (!reply_.given())
    give(failure{errc::actor_failed, "the actor that held the request ended before it answered"});
}

void administration_reply::give(std::string json) {
  reply_.give({200, media_type::json, std::move(json), {}, request_id_});
}

void administration_reply::give(const failure& why) {
  reply_.give(problem(why, request_id_));
}

namespace {

class clerk_state {
public:
  clerk_state(clerk_actor::pointer self, dead_letters_actor target) : self_(self), target_(std::move(target)) {}

  clerk_actor::behavior_type make_behavior() {
    return {[this](dead_letters_job& job) { std::visit([&](const auto& ask) { forward(ask, job); }, job.ask); }};
  }

private:
  void forward(const list_dead_letters& what, const dead_letters_job& job) { forward_as<dead_letter_page>(what, job); }
  void forward(const show_dead_letter& what, const dead_letters_job& job) { forward_as<numbered_dead_letter>(what, job); }
  void forward(const redrive_dead_letters& what, const dead_letters_job& job) { forward_as<redriven>(what, job); }

  template <class Answer, class Ask>
  void forward_as(const Ask& what, const dead_letters_job& job) {
    const auto remaining = job.answer_by.remaining(self_->clock().now());
    if (remaining <= duration::zero())
      return job.answer->give(
        failure{errc::deadline_exceeded, "the time ran out before the dead letters could be asked for"});
    ask(self_, target_, remaining, what)
      .then([answer = job.answer](const Answer& told) { answer->give(to_json(told)); },
            [answer = job.answer](const caf::error& why) { answer->give(to_failure(why)); });
  }

  clerk_actor::pointer self_;
  dead_letters_actor target_;
};

} // namespace

clerk_actor spawn_clerk(const spawn_context& context, dead_letters_actor target) {
  return spawn_supervised<clerk_actor, clerk_state>(context, std::move(target));
}

} // namespace troupe::http
