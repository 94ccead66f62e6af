#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include <troupe/messages/ports/driving.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// A request from outside the actors. Told one of the two, once, or destroyed untold.
class outside_request {
public:
  virtual ~outside_request() = default;
  outside_request(const outside_request&) = delete;
  outside_request& operator=(const outside_request&) = delete;

  virtual void answer(const caf::message& what) = 0; ///< an error stands in it as a `caf::error`
  virtual void expire() = 0;

protected:
  outside_request() = default;
};

/// Where requests from outside the actors wait for their answers: what an `outside_asker` is made of. The clock hears of a
/// timeout only when none that is sooner is waiting, as in `requests`. Any thread.
class outside_desk : public std::enable_shared_from_this<outside_desk> {
public:
  static std::shared_ptr<outside_desk> open(caf::actor_system& system);
  outside_desk(const outside_desk&) = delete;
  outside_desk& operator=(const outside_desk&) = delete;

  [[nodiscard]] instant now() const noexcept { return system_.clock().now(); }

  /// Sends `what` to an actor and has `from` told what becomes of it, at `due` at the latest. With `turns::here` the actor
  /// has its turn in this thread, as `driver` says.
  template <class Handle, class Message>
  void send(const Handle& to, Message&& what, instant due, std::unique_ptr<outside_request> from, turns where) {
    const auto number = expect(due, std::move(from));
    if (number == 0)
      return;
#if TROUPE_CAF_1
    static_cast<void>(where);
    system_.spawn([=, desk = weak_from_this(), what = std::forward<Message>(what)](caf::event_based_actor* self) mutable {
      self->mail(std::move(what))
        .request(to, caf::infinite)
        .then(
          [=](caf::message& answer) {
            if (const auto open = desk.lock())
              open->settle(number, answer);
          },
          [=](const caf::error& why) {
            if (const auto open = desk.lock())
              open->settle(number, caf::make_message(why));
          });
    });
#else
    auto envelope = caf::make_mailbox_element(address_, caf::make_message_id(number), {}, std::forward<Message>(what));
    driver::hand(*caf::actor_cast<caf::abstract_actor*>(to), std::move(envelope), where);
#endif
  }

  /// Destroys the requests that wait, untold, and from now on every request.
  void close();

private:
  struct waiting {
    std::unique_ptr<outside_request> request;
    std::multimap<instant, std::uint64_t>::iterator due;
  };
  class address;

  explicit outside_desk(caf::actor_system& system) noexcept : system_(system) {}

  /// The request's number; 0 when it was destroyed instead.
  std::uint64_t expect(instant due, std::unique_ptr<outside_request> from);
  void settle(std::uint64_t number, const caf::message& answer);
  void wake_by(instant due, std::unique_lock<std::mutex>& lock);
  void time_out();

  caf::actor_system& system_;
  caf::strong_actor_ptr address_; // whom actors answer; knows the desk weakly
  std::mutex guard_;
  bool open_ = true;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, waiting> waiting_;
  std::multimap<instant, std::uint64_t> dues_;
  std::set<instant> wakes_at_; // each of which the clock knows; the first is no later than the first due
};

} // namespace troupe
