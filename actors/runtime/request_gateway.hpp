#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include <troupe/actors/runtime/driver.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// A request from outside the actors. One of the two is called, once, or it is destroyed without a call.
class gateway_request {
public:
  virtual ~gateway_request() = default;
  gateway_request(const gateway_request&) = delete;
  gateway_request& operator=(const gateway_request&) = delete;

  virtual void answer(const caf::message& content) = 0; ///< an error stands in it as a `caf::error`
  virtual void expire() = 0;

protected:
  gateway_request() = default;
};

/// Holds the requests from outside the actors until they are answered; `actor_client` is its typed form. The clock gets a
/// timeout only when none that is sooner is waiting, as in `requests`. Any thread.
class request_gateway : public std::enable_shared_from_this<request_gateway> {
public:
  static std::shared_ptr<request_gateway> open(caf::actor_system& system);
  request_gateway(const request_gateway&) = delete;
  request_gateway& operator=(const request_gateway&) = delete;

  [[nodiscard]] instant now() const noexcept { return system_.clock().now(); }

  /// Sends `what` to an actor; `from` gets the outcome, at `due` at the latest. With `turns::here` the actor has its turn in
  /// this thread, as `driver` says.
  template <class Handle, class Message>
  void send(const Handle& to, Message&& content, instant due, std::unique_ptr<gateway_request> from, turns where) {
    const auto number = expect(due, std::move(from));
    if (number == 0)
      return;
#if TROUPE_CAF_1
    static_cast<void>(where);
    system_.spawn(
      [=, gateway = weak_from_this(), content = std::forward<Message>(content)](caf::event_based_actor* self) mutable {
        self->mail(std::move(content))
          .request(to, caf::infinite)
          .then(
            [=](caf::message& answer) {
              if (const auto open = gateway.lock())
                open->settle(number, answer);
            },
            [=](const caf::error& why) {
              if (const auto open = gateway.lock())
                open->settle(number, caf::make_message(why));
            });
      });
#else
    auto envelope = caf::make_mailbox_element(address_, caf::make_message_id(number), {}, std::forward<Message>(content));
    driver::hand(*caf::actor_cast<caf::abstract_actor*>(to), std::move(envelope), where);
#endif
  }

  /// Destroys the requests that wait, without a call, and from now on every request.
  void close();

private:
  struct waiting {
    std::unique_ptr<gateway_request> request;
    std::multimap<instant, std::uint64_t>::iterator due;
  };
  class address;

  explicit request_gateway(caf::actor_system& system) noexcept : system_(system) {}

  /// The request's number; 0 when it was destroyed instead.
  std::uint64_t expect(instant due, std::unique_ptr<gateway_request> from);
  void settle(std::uint64_t number, const caf::message& answer);
  void wake_by(instant due, std::unique_lock<std::mutex>& lock);
  void time_out();

  caf::actor_system& system_;
  caf::strong_actor_ptr address_; // the receiver of the answers; knows the gateway weakly
  std::mutex guard_;
  bool open_ = true;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, waiting> waiting_;
  std::multimap<instant, std::uint64_t> dues_;
  std::set<instant> wakes_at_; // each of which the clock knows; the first is no later than the first due
};

} // namespace troupe
