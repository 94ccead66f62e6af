#pragma once

#include <memory>
#include <utility>

#include <troupe/messages/ports/outside_desk.hpp>
#include <troupe/messages/ports/types.hpp>

namespace troupe {

/// Who waits for an answer without being an actor. Told at most one of the two, once; destroyed untold when its asker
/// closes. On any thread: the one that answers, often in the middle of an actor's turn, and so without waiting or throwing.
template <class Answer>
class awaiting {
public:
  virtual ~awaiting() = default;
  awaiting(const awaiting&) = delete;
  awaiting& operator=(const awaiting&) = delete;

  virtual void answered(const Answer& what) = 0;
  virtual void failed(failure why) = 0;

protected:
  awaiting() = default;
};

/// Asks one actor on behalf of threads that are no actors'. The answer makes no hop: it is told on the thread that gives it.
/// Any thread; copies are the same asker.
template <class Handle, class Answer>
class outside_asker {
public:
  /// Asks nobody.
  outside_asker() = default;

  /// Asks `whom`, and ends with the last copy.
  explicit outside_asker(Handle whom)
    : whom_(std::move(whom)),
      desk_(whom_ ? outside_desk::open(caf::actor_cast<caf::abstract_actor*>(whom_)->home_system()) : nullptr) {}

  [[nodiscard]] explicit operator bool() const noexcept { return desk_ != nullptr; }

  /// Asks, and has `who` told what comes of it: the answer, the error, `actor_failed` when the receiver ends before it
  /// answers, or `deadline_exceeded` at `due`, after which an answer is dropped. It may be told before this returns.
  template <class Message>
  void ask(Message&& what, instant due, std::unique_ptr<awaiting<Answer>> who, turns where) const {
    if (due <= desk_->now())
      return who->failed({errc::deadline_exceeded, "the time ran out before the actor could be asked"});
    desk_->send(whom_, std::forward<Message>(what), due, std::make_unique<request>(std::move(who)), where);
  }

  /// Forgets who waits: they are destroyed untold, and so are those that ask from now on. An actor that still has a request
  /// answers nobody.
  void close() const { desk_->close(); }

private:
  class request final : public outside_request {
  public:
    explicit request(std::unique_ptr<awaiting<Answer>> who) noexcept : who_(std::move(who)) {}

    void answer(const caf::message& what) override {
      if (what.match_elements<Answer>())
        who_->answered(what.get_as<Answer>(0));
      else if (what.match_elements<caf::error>())
        who_->failed(to_failure(what.get_as<caf::error>(0)));
      else
        who_->failed({errc::internal, "the actor answered what nobody asked for"});
    }
    void expire() override { who_->failed({errc::deadline_exceeded, "the time ran out before the actor answered"}); }

  private:
    std::unique_ptr<awaiting<Answer>> who_;
  };

  Handle whom_;
  std::shared_ptr<outside_desk> desk_;
};

} // namespace troupe
