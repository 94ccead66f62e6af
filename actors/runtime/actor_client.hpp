#pragma once

#include <memory>
#include <utility>

#include <troupe/actors/runtime/call_counts.hpp>
#include <troupe/actors/runtime/request_gateway.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe {

/// Receives an answer outside the actors: at most one of the two is called, once; none when its client closes first. On any
/// thread: the one that answers, often in the middle of an actor's turn, so that it must neither wait nor throw.
template <class Answer>
class answer_receiver {
public:
  using answer_type = Answer;

  virtual ~answer_receiver() = default;
  answer_receiver(const answer_receiver&) = delete;
  answer_receiver& operator=(const answer_receiver&) = delete;

  virtual void answered(const Answer& answer) = 0;
  virtual void failed(failure why) = 0;

protected:
  answer_receiver() = default;
};

/// Sends requests to one actor from threads that are no actors'. The answer makes no hop: it is received on the thread that
/// gives it. Any thread; copies are the same client.
template <class Handle>
class actor_client {
public:
  /// Has no actor.
  actor_client() = default;

  /// Ends with the last copy. `counts` counts what becomes of the requests; null: nobody does.
  explicit actor_client(Handle actor, call_counts_ptr counts = nullptr)
    : actor_(std::move(actor)),
      counts_(std::move(counts)),
      gateway_(actor_ ? request_gateway::open(caf::actor_cast<caf::abstract_actor*>(actor_)->home_system()) : nullptr) {}

  [[nodiscard]] explicit operator bool() const noexcept { return gateway_ != nullptr; }

  /// Sends a request. `receiver`, an `answer_receiver`, receives the answer, the error, `actor_failed` when the actor ends
  /// before it answers, or `deadline_exceeded` at `due`, after which an answer is dropped. It may do so before this returns.
  template <class Message, class Receiver>
  void ask(Message&& message, instant due, std::unique_ptr<Receiver> receiver, turns where) const {
    using answer = typename Receiver::answer_type;
    auto asked = std::make_unique<request<answer>>(std::move(receiver), counts_);
    if (due <= gateway_->now())
      return asked->fail({errc::deadline_exceeded, "the time ran out before the actor could be asked"});
    gateway_->send(actor_, std::forward<Message>(message), due, std::move(asked), where);
  }

  /// Destroys the receivers that wait, without a call, and those of requests from now on. Answers that still come are
  /// dropped.
  void close() const { gateway_->close(); }

private:
  template <class Answer>
  class request final : public gateway_request {
  public:
    request(std::unique_ptr<answer_receiver<Answer>> receiver, call_counts_ptr counts) noexcept
      : receiver_(std::move(receiver)), counts_(std::move(counts)) {}

    void answer(const caf::message& content) override {
      if (content.match_elements<Answer>()) {
        count(errc::none);
        receiver_->answered(content.get_as<Answer>(0));
      } else if (content.match_elements<caf::error>()) {
        fail(to_failure(content.get_as<caf::error>(0)));
      } else {
        fail({errc::internal, "the actor's answer is not of the type that the request has"});
      }
    }
    void expire() override { fail({errc::deadline_exceeded, "the time ran out before the actor answered"}); }

    void fail(failure why) {
      count(why.code);
      receiver_->failed(std::move(why));
    }

  private:
    void count(errc outcome) const {
      if (counts_)
        counts_->ended(outcome);
    }

    std::unique_ptr<answer_receiver<Answer>> receiver_;
    call_counts_ptr counts_;
  };

  Handle actor_;
  call_counts_ptr counts_;
  std::shared_ptr<request_gateway> gateway_;
};

} // namespace troupe
