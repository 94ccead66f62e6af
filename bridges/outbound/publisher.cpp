#include <troupe/bridges/outbound/publisher.hpp>

#include <memory>
#include <utility>
#include <variant>

#include <troupe/bridges/outbound/in_flight.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::outbound {

namespace {

// A tick means that the sender's thread has reports.
using publisher_behind = caf::typed_actor<caf::result<published>(publish), caf::result<void>(caf::tick_atom)>;

class publisher_state {
public:
  publisher_state(publisher_behind::pointer self, publisher_setup setup)
    : self_(self),
      setup_(std::move(setup)),
      in_flight_(setup_.in_flight, setup_.in_flight_bytes, setup_.metrics.in_flight) {}
  publisher_state(const publisher_state&) = delete;
  publisher_state& operator=(const publisher_state&) = delete;
  ~publisher_state() {
    if (sender_)
      sender_->abandon();
  }

  publisher_behind::behavior_type make_behavior() {
    send(self_, caf::actor_cast<publisher_behind>(self_), caf::tick_atom_v);
    return {[this](publish& request) { return take(request); },
            [this](caf::tick_atom) {
              if (!open())
                return;
              for (auto& each : sender_->take_reports())
                std::visit([this](auto& report) { happened(report); }, each);
            }};
  }

private:
  bool open() {
    if (sender_)
      return true;
    if (!setup_.mistakes.empty()) {
      self_->quit(to_error(invalid(setup_.mistakes)));
      return false;
    }
    sender_ = begin_thread<publisher_behind>(self_, setup_.sender);
    return true;
  }

  caf::result<published> take(publish& request) {
    if (!open())
      return to_error({errc::invalid, "the configuration of the publisher is invalid"});
    if (request.messages.empty())
      return published{};
    std::size_t bytes = 0;
    for (const auto& each : request.messages)
      bytes += each.payload.size() + (each.key ? each.key->size() : 0);
    const auto messages = request.messages.size();
    if (!in_flight_.admits(messages, bytes)) {
      setup_.metrics.refused.add(static_cast<double>(messages));
      return to_error({errc::overloaded, "too many messages to " + setup_.channel + " wait for their acknowledgement"});
    }
    auto promise = self_->make_response_promise<published>();
    const auto now = self_->clock().now();
    const auto number = in_flight_.add({promise, messages, bytes, now});
    sender_->order(std::make_shared<publish_request>(number, std::move(request.messages), now + setup_.acknowledged_within));
    return promise;
  }

  void happened(publish_request_ptr& complete) {
    auto done = in_flight_.take(complete->number());
    auto answer = complete->take_answer();
    std::size_t arrived = 0;
    for (const auto& each : answer.outcomes)
      arrived += each.code == errc::none ? 1 : 0;
    setup_.metrics.published.add(static_cast<double>(arrived));
    if (arrived < answer.outcomes.size())
      setup_.metrics.refused.add(static_cast<double>(answer.outcomes.size() - arrived));
    done.promise.deliver(std::move(answer));
  }

  void happened(thread_failed& sender) { self_->quit(to_error(sender.why)); }

  publisher_behind::pointer self_;
  publisher_setup setup_;
  std::shared_ptr<sender_link> sender_; ///< none before the first message
  in_flight<published> in_flight_;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, publisher_setup setup) {
  return spawn_supervised<publisher_behind, publisher_state>(context, std::move(setup));
}

} // namespace troupe::outbound
