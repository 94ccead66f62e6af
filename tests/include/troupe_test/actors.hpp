#pragma once

// Actors under deterministic scheduling and virtual time: nothing runs until a test says so, and the clock stands still
// until a test moves it.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe_test/suite.hpp>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/types.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe_test {

using namespace std::chrono_literals;

/// The one moment of civil time that tests live in.
inline troupe::timestamp test_civil_time() {
  return troupe::timestamp{std::chrono::seconds{1'555'380'983}};
}

/// An answer that has come, or not yet.
template <class T>
struct answer {
  std::optional<T> value;
  std::optional<troupe::failure> error;

  [[nodiscard]] bool pending() const { return !value && !error; }
};

class actor_fixture : public test_coordinator_fixture<> {
public:
  /// Lets every message that is waiting be handled, and what follows from it, without moving time.
  void settle() { consume_messages(); }

  /// Moves time, fires what is due on the way in its order, and settles.
  void pass(troupe::duration span) {
    advance_time(span);
    settle();
  }

  [[nodiscard]] troupe::instant now() { return sched.clock().now(); }

  /// Asks from an actor of the test; the answer appears when it has come.
  template <class T, class Handle, class Message>
  std::shared_ptr<answer<T>> ask_for(const Handle& whom, Message what, troupe::duration timeout = std::chrono::hours{1}) {
    auto result = std::make_shared<answer<T>>();
    sys.spawn([=](caf::event_based_actor* asker) {
      troupe::ask(asker, whom, timeout, what)
        .then([result](T& value) { result->value = std::move(value); },
              [result](const caf::error& why) { result->error = troupe::to_failure(why); });
    });
    settle();
    return result;
  }

  /// Ends an actor of the test and lets it die.
  template <class Handle>
  void end(const Handle& whom) {
    troupe::ask_to_end(whom, caf::exit_reason::user_shutdown);
    settle();
  }

  [[nodiscard]] troupe::spawn_context context(std::string path = "service-t/tested") {
    return troupe::unsupervised(sys, std::move(path));
  }
};

/// An actor behind a port of one request that answers what a test scripts, keeps what it was asked, and can hold its answers
/// back. It lives as long as the fixture's actors do.
template <class Request, class Response>
class scripted {
public:
  using port = caf::typed_actor<caf::result<Response>(Request)>;
  using script = std::function<caf::result<Response>(const Request&)>;

  scripted(caf::actor_system& system, script answer_with) : book_(std::make_shared<book>()) {
    book_->answer_with = std::move(answer_with);
    handle_ = system.spawn([log = book_](typename actor::pointer self) -> typename actor::behavior_type {
      return {[=](const Request& what) -> caf::result<Response> {
                log->asked.push_back(what);
                if (!log->holding)
                  return log->answer_with(what);
                return log->held.emplace_back(self->template make_response_promise<Response>());
              },
              [=](caf::tick_atom) {
                for (auto& order : std::exchange(log->orders, {}))
                  order();
              }};
    });
  }

  [[nodiscard]] port handle() const { return handle_; }
  [[nodiscard]] std::vector<Request>& asked() { return book_->asked; }
  void answer_with(script what) { book_->answer_with = std::move(what); }

  /// From now on answers wait for `release`.
  void hold() { book_->holding = true; }
  [[nodiscard]] std::size_t held() const { return book_->held.size(); }

  /// Answers the oldest request that was held back; call `settle` afterwards.
  void release(Response with) {
    order([log = book_, with = std::move(with)]() mutable { log->take_held().deliver(std::move(with)); });
  }
  void refuse(troupe::failure with) {
    order([log = book_, with = std::move(with)] { log->take_held().deliver(troupe::to_error(with)); });
  }
  void stop_holding() { book_->holding = false; }

private:
  using actor = typename port::template extend<caf::result<void>(caf::tick_atom)>;

  struct book {
    script answer_with;
    std::vector<Request> asked;
    bool holding = false;
    std::deque<caf::typed_response_promise<Response>> held;
    std::vector<std::function<void()>> orders;

    caf::typed_response_promise<Response> take_held() {
      auto result = std::move(held.front());
      held.pop_front();
      return result;
    }
  };

  // A promise is kept by its own actor only.
  void order(std::function<void()> what) {
    book_->orders.push_back(std::move(what));
    troupe::send_anonymously(handle_, caf::tick_atom_v);
  }

  std::shared_ptr<book> book_;
  actor handle_;
};

} // namespace troupe_test
