#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/administration.hpp>
#include <troupe/messages/ports/handler.hpp>
#include <troupe/messages/ports/publisher.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::contract {

/// What a transport promises beyond what every one of them must. The suite asks for what is promised, and for no more.
struct guarantees {
  enum class promise : std::uint8_t { no, yes };

  promise order_per_key = promise::yes;         ///< over the whole destination
  promise drain_repeats_nothing = promise::yes; ///< what was done before an orderly end does not come again
  promise keeps_dead_letters = promise::yes;    ///< they can be listed, and sent back
  promise settles_with_letters = promise::yes;  ///< a dead letter and the settlement of its delivery are one step
  promise counts_endings = promise::yes;        ///< attempts that end the process are counted over restarts
};

/// How a life of the process ends.
enum class ending : std::uint8_t {
  orderly, ///< drained, as on SIGTERM
  abrupt,  ///< as far as a test can see, like kill -9: nothing is drained, nobody is asked
};

/// What the suite wants of a transport: one destination, and as many lives of the process as it likes. Each life has an
/// actor system of its own. Delayed retries come after milliseconds: one after each of `delays()`.
class transport {
public:
  virtual ~transport() = default;

  [[nodiscard]] virtual guarantees promised() const = 0;
  [[nodiscard]] virtual std::size_t delays() const = 0;
  [[nodiscard]] virtual std::size_t process_ending_attempts() const = 0;
  /// How many batches a subscription hands out before the first one is answered.
  [[nodiscard]] virtual std::size_t batches_in_flight() const = 0;

  virtual caf::actor_system& system() = 0;
  virtual publisher_actor publisher() = 0;
  /// A subscription in this life. It ends with the life.
  virtual source_actor source(const handler_actor& to) = 0;
  virtual dead_letters_actor dead_letters() = 0;
  /// Ends this life with every actor that the transport or `adopt` knows of, and begins the next one.
  virtual void restart(ending how) = 0;
  /// Ends `what` with this life.
  virtual void adopt(caf::actor what) = 0;
};

/// What a handler saw, and what it shall answer. Written by the handler's actor, read by the test.
class journal {
public:
  /// What to answer to a batch: replies, an error, or nothing for ever.
  using answer = std::variant<replies, failure, std::monostate>;
  using script = std::function<answer(const std::vector<delivery>&)>;

  explicit journal(script what) : script_(std::move(what)) {}

  answer handle(const std::vector<delivery>& batch) {
    const std::lock_guard lock{guard_};
    auto result = script_(batch);
    if (const auto* given = std::get_if<replies>(&result))
      for (std::size_t i = 0; i < std::min(batch.size(), given->each.size()); ++i)
        if (given->each[i].verdict == verdict::done)
          done_.insert(batch[i].content.id);
    batches_.push_back(batch);
    changed_.notify_all();
    return result;
  }

  void follow(script what) {
    const std::lock_guard lock{guard_};
    script_ = std::move(what);
  }

  /// Waits until `enough(batches)` holds; false when it never did within a time that is far beyond what is needed.
  [[nodiscard]] bool wait_for(const std::function<bool(const std::vector<std::vector<delivery>>&)>& enough) {
    std::unique_lock lock{guard_};
    return changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return enough(batches_); });
  }

  /// Waits until every one of these ids was answered with `done`.
  [[nodiscard]] bool wait_for_done(const std::set<std::string>& ids) {
    return wait_for([&](const auto&) { return std::includes(done_.begin(), done_.end(), ids.begin(), ids.end()); });
  }

  /// The ids that were answered with `done`.
  [[nodiscard]] std::set<std::string> done() const {
    const std::lock_guard lock{guard_};
    return done_;
  }

  [[nodiscard]] std::vector<std::vector<delivery>> batches() const {
    const std::lock_guard lock{guard_};
    return batches_;
  }

  [[nodiscard]] std::vector<delivery> seen() const {
    std::vector<delivery> all;
    for (const auto& batch : batches())
      all.insert(all.end(), batch.begin(), batch.end());
    return all;
  }

private:
  mutable std::mutex guard_;
  std::condition_variable changed_;
  script script_;
  std::vector<std::vector<delivery>> batches_;
  std::set<std::string> done_;
};

using journal_ptr = std::shared_ptr<journal>;

/// Keeps the rule of the port for a script that judges single deliveries: behind one that is not done, those of its key are
/// untouched.
inline journal::script one_by_one(std::function<reply(const delivery&)> judge) {
  return [judge = std::move(judge)](const std::vector<delivery>& batch) -> journal::answer {
    replies answer;
    std::set<std::string> stopped;
    for (const auto& each : batch) {
      const auto& key = each.content.key;
      if (key && stopped.contains(*key)) {
        answer.each.push_back({verdict::untouched, {errc::none, {}}});
        continue;
      }
      answer.each.push_back(judge(each));
      if (key && answer.each.back().verdict != verdict::done)
        stopped.insert(*key);
    }
    return answer;
  };
}

inline journal::script all_done() {
  return one_by_one([](const delivery&) { return reply{}; });
}

inline journal::script never_answering() {
  return [](const std::vector<delivery>&) -> journal::answer { return std::monostate{}; };
}

/// A handler that does as the journal says. It ends with the transport's life.
inline handler_actor spawn_handler(transport& in, const journal_ptr& book) {
  const auto made = in.system().spawn([book](handler_actor::pointer self) -> handler_actor::behavior_type {
    return {[self, book](const deliveries& what) -> caf::result<replies> {
      auto promise = self->make_response_promise<replies>();
      auto answer = book->handle(what.batch);
      if (auto* given = std::get_if<replies>(&answer))
        promise.deliver(std::move(*given));
      else if (auto* failed = std::get_if<failure>(&answer))
        promise.deliver(to_error(*failed));
      else // a promise that is dropped would answer with an error
        self->attach_functor([promise](const caf::error&) {});
      return promise;
    }};
  });
  in.adopt(caf::actor_cast<caf::actor>(made));
  return made;
}

/// Asks and waits for the answer; a failure is the error that came instead.
template <class Answer, class Handle, class Message>
expected<Answer> ask_and_wait(caf::actor_system& system, const Handle& whom, Message what) {
  caf::scoped_actor self{system};
  expected<Answer> result{failure{}};
  self->request(whom, std::chrono::seconds{25}, std::move(what))
    .receive([&result](Answer& answer) { result = std::move(answer); },
             [&result](const caf::error& why) { result = to_failure(why); });
  return result;
}

} // namespace troupe::contract
