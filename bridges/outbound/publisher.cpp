#include <troupe/bridges/outbound/publisher.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include <troupe/messages/values/error.hpp>

namespace troupe::outbound {

namespace {

// The tick says that the sender's thread has reports.
using publisher_behind = caf::typed_actor<caf::result<published>(publish), caf::result<void>(caf::tick_atom)>;

class publisher_state {
public:
  publisher_state(publisher_behind::pointer self, publisher_setup setup) : self_(self), setup_(std::move(setup)) {}
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
  struct waiting_publish {
    caf::typed_response_promise<published> promise;
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };

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
      return to_error({errc::invalid, "the publisher's configuration is wrong"});
    if (request.messages.empty())
      return published{};
    std::size_t bytes = 0;
    for (const auto& each : request.messages)
      bytes += each.payload.size() + (each.key ? each.key->size() : 0);
    const auto messages = request.messages.size();
    // A bound in flight is no bound of size: what is too large for the broker must be refused by it, for good.
    if (in_flight_ > 0 && (in_flight_ + messages > setup_.in_flight || bytes_ + bytes > setup_.in_flight_bytes)) {
      setup_.metrics.refused.add(static_cast<double>(messages));
      return to_error({errc::overloaded, "too many messages to " + setup_.channel + " wait for their acknowledgement"});
    }
    auto promise = self_->make_response_promise<published>();
    const auto number = ++last_;
    waiting_.emplace(number, waiting_publish{promise, messages, bytes});
    count(messages, bytes);
    sender_->order(std::make_shared<publish_request>(number, std::move(request.messages),
                                                     self_->clock().now() + setup_.acknowledged_within));
    return promise;
  }

  void count(std::size_t messages, std::size_t bytes) {
    in_flight_ += messages;
    bytes_ += bytes;
    setup_.metrics.in_flight.set(static_cast<double>(in_flight_));
  }

  void happened(publish_request_ptr& complete) {
    auto node = waiting_.extract(complete->number());
    auto& done = node.mapped();
    count(-done.messages, -done.bytes);
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
  std::map<std::uint64_t, waiting_publish> waiting_;
  std::uint64_t last_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, publisher_setup setup) {
  return spawn_supervised<publisher_behind, publisher_state>(context, std::move(setup));
}

} // namespace troupe::outbound
