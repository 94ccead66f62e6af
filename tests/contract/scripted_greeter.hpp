#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <troupe/messages/ports/greeter.hpp>

namespace troupe::contract {

/// How long a test waits for what must happen, before it fails.
inline constexpr auto greeter_patience = std::chrono::seconds{20};

/// A greeter that answers what a test scripts, keeps what it was asked, and can hold its answers back. Any thread.
class scripted_greeter {
public:
  using script = std::function<expected<greeting_answer>(const greet&)>;

  /// What it does with a call whose time had run out before it came. Either way it is an error.
  enum class late_calls : std::uint8_t {
    seen,   ///< they stand among the calls: what stands before it should have stopped them
    refused ///< they do not: it is itself who must stop them
  };

  explicit scripted_greeter(caf::actor_system& system, late_calls late = late_calls::seen)
    : book_(std::make_shared<book>()), handle_(system.spawn(behavior, book_, late)) {}

  ~scripted_greeter() {
    book_->forget();
    ask_to_end(handle_, caf::exit_reason::user_shutdown);
  }
  scripted_greeter(const scripted_greeter&) = delete;
  scripted_greeter& operator=(const scripted_greeter&) = delete;

  [[nodiscard]] greeter_actor handle() const { return handle_; }

  void answer_by(script how) {
    const std::scoped_lock lock{book_->guard};
    book_->answer_by = std::move(how);
  }

  void answer(greeting_answer what) {
    answer_by([what = std::move(what)](const greet&) { return what; });
  }

  void fail(errc code) {
    answer_by([code](const greet&) { return failure{code, "as scripted"}; });
  }

  /// Another greeter answers from now on.
  void pass_on_to(greeter_actor whom) {
    const std::scoped_lock lock{book_->guard};
    book_->successor = std::move(whom);
  }

  /// From now on answers wait for `release`.
  void hold() {
    const std::scoped_lock lock{book_->guard};
    book_->holding = true;
  }

  /// Answers by the script whatever was held, and holds no more.
  void release() {
    {
      const std::scoped_lock lock{book_->guard};
      book_->holding = false;
    }
    send_anonymously(handle_, caf::tick_atom_v);
  }

  [[nodiscard]] std::size_t calls() const {
    const std::scoped_lock lock{book_->guard};
    return book_->seen.size();
  }

  /// Waits until so many calls have come.
  [[nodiscard]] bool asked(std::size_t count) const {
    std::unique_lock lock{book_->guard};
    return book_->changed.wait_for(lock, greeter_patience, [&] { return book_->seen.size() >= count; });
  }

  /// The call of that number, the first being 1, which has come.
  [[nodiscard]] greet call(std::size_t number) const {
    const std::scoped_lock lock{book_->guard};
    return book_->seen.at(number - 1);
  }

private:
  using actor = greeter_actor::extend<caf::result<void>(caf::tick_atom)>;

  struct held_call {
    greet what;
    caf::typed_response_promise<greeting_answer> promise;
  };

  struct book {
    std::mutex guard;
    std::condition_variable changed;
    script answer_by = [](const greet&) { return greeting_answer{}; };
    greeter_actor successor;
    std::vector<greet> seen;
    bool holding = false;

    void forget() {
      const std::scoped_lock lock{guard};
      successor = nullptr;
      answer_by = [](const greet&) { return greeting_answer{}; };
    }
  };

  static actor::behavior_type behavior(actor::pointer self, const std::shared_ptr<book>& log, late_calls late) {
    auto held = std::make_shared<std::deque<held_call>>(); // of the actor alone
    return {[=](const greet& what) { return answer_one(self, *log, *held, late, what); },
            [=](caf::tick_atom) {
              const std::scoped_lock lock{log->guard};
              for (auto& [what, promise] : std::exchange(*held, {})) {
                if (auto answered = log->answer_by(what))
                  promise.deliver(std::move(*answered));
                else
                  promise.deliver(to_error(answered.error()));
              }
            }};
  }

  static caf::result<greeting_answer> answer_one(actor::pointer self, book& log, std::deque<held_call>& held,
                                                 late_calls late, const greet& what) {
    const bool passed = what.answer_by.passed(self->clock().now());
    const std::scoped_lock lock{log.guard};
    if (!passed || late == late_calls::seen)
      log.seen.push_back(what);
    log.changed.notify_all();
    if (passed)
      return to_error({errc::deadline_exceeded, "asked too late"});
    if (log.successor)
      return self->delegate(log.successor, what);
    if (!log.holding) {
      auto answered = log.answer_by(what);
      return answered ? caf::result<greeting_answer>{std::move(*answered)} : to_error(answered.error());
    }
    return held.emplace_back(held_call{what, self->make_response_promise<greeting_answer>()}).promise;
  }

  std::shared_ptr<book> book_;
  actor handle_;
};

} // namespace troupe::contract
