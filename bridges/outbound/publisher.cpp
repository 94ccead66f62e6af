#include <troupe/bridges/outbound/publisher.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/bridges/outbound/in_flight.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::outbound {

namespace {

// A tick means that the sender's thread has reports.
using publisher_behind = caf::typed_actor<caf::result<published>(publish), caf::result<void>(caf::tick_atom)>;

class publisher_state {
public:
  publisher_state(publisher_behind::pointer self, publisher_setup setup, const spawn_context& context)
    : self_(self),
      setup_(std::move(setup)),
      watcher_(context.watcher),
      service_(context.service()),
      span_name_("send " + setup_.channel),
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
    begin_spans(number, request.messages);
    sender_->order(std::make_shared<publish_request>(number, std::move(request.messages), now + setup_.acknowledged_within));
    return promise;
  }

  // One for each message whose trace is recorded, which then goes on below it.
  void begin_spans(std::uint64_t number, std::vector<message>& messages) {
    std::vector<std::pair<std::size_t, span>> begun;
    for (std::size_t at = 0; at != messages.size(); ++at) {
      auto& each = messages[at];
      if (!each.trace.valid() || each.trace.here == trace_context::recording::left_out)
        continue;
      span work{watcher_, span_name_, span_kind::producer, each.trace, service_};
      each.trace = work.context();
      if (!work.recorded())
        continue;
      work.with("messaging.system", setup_.system)
        .with("messaging.operation.name", std::string{"send"})
        .with("messaging.operation.type", std::string{"send"})
        .with("messaging.destination.name", setup_.channel)
        .with("messaging.message.id", id_text(each.id))
        .with("messaging.message.body.size", each.payload.size());
      begun.emplace_back(at, std::move(work));
    }
    if (!begun.empty())
      spans_.emplace(number, std::move(begun));
  }

  void end_spans(std::uint64_t number, const published& answer) {
    auto begun = spans_.extract(number);
    if (!begun)
      return;
    for (auto& [at, work] : begun.mapped())
      if (answer.outcomes[at].code != errc::none)
        work.fail(answer.outcomes[at]);
  }

  void happened(publish_request_ptr& complete) {
    auto done = in_flight_.take(complete->number());
    auto answer = complete->take_answer();
    end_spans(complete->number(), answer);
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
  const observer_ptr watcher_;
  const std::string service_;
  const std::string span_name_;
  std::map<std::uint64_t, std::vector<std::pair<std::size_t, span>>> spans_; ///< by request, with the message's position
  std::shared_ptr<sender_link> sender_;                                      ///< none before the first message
  in_flight<published> in_flight_;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, publisher_setup setup) {
  return spawn_supervised<publisher_behind, publisher_state>(context, std::move(setup), context);
}

} // namespace troupe::outbound
