#include <troupe/bridges/amqp/source.hpp>

#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/bridges/amqp/consumer.hpp>
#include <troupe/bridges/amqp/dispatcher.hpp>
#include <troupe/messages/ports/requests.hpp>

namespace troupe::amqp {

namespace {

// The tick says that one of the threads has left reports.
using source_behind = caf::typed_actor<caf::result<drained>(drain), caf::result<void>(caf::tick_atom)>;

constexpr auto letter_within = std::chrono::seconds{60}; // beyond the publisher's own limit
constexpr auto delay_within = std::chrono::seconds{10};  // beyond, it is tried again

std::function<void()> waker_of(const source_behind& who) {
  return [weak = caf::actor_cast<caf::weak_actor_ptr>(who)] {
    if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
      send_anonymously(caf::actor_cast<source_behind>(strong), caf::tick_atom_v);
  };
}

std::string all_of(const std::vector<std::string>& mistakes) {
  std::string text;
  for (const auto& each : mistakes)
    text.append(text.empty() ? "" : "; ").append(each);
  return text;
}

/// Of what the delays are published: the queues of the subscription, which the consumer makes.
dispatching delaying(const subscription& config) {
  std::vector<queue> queues;
  for (const auto& each : config.redelivery.delays)
    queues.push_back(delay_queue(config.from, each));
  return {{}, config.from.name, std::move(queues), config.queues, config.prefetch, publication::aside};
}

expected<void> outcome_of(const published& answer) {
  if (answer.outcomes.empty())
    return failure{errc::internal, "no outcome"};
  if (!answer.complete())
    return answer.outcomes.front();
  return {};
}

class source_state {
public:
  source_state(source_behind::pointer self, connection to, subscription config, handler_actor handler,
               publisher_actor dead_letters, const spawn_context& context)
    : self_(self),
      asked_(self),
      config_(std::move(config)),
      handler_(std::move(handler)),
      dead_letters_(std::move(dead_letters)),
      mistakes_(validate(config_)) {
    const auto more = validate(to);
    mistakes_.insert(mistakes_.end(), more.begin(), more.end());
    start_ = [context, to, config = config_](std::shared_ptr<consumer_link> link) {
      return std::make_shared<consumer>(context, to, config, std::move(link));
    };
    to.state = std::make_shared<link_state>(); // the consumer's own state is what is told
    start_delayer_ = [context, to, config = config_](std::shared_ptr<dispatcher_link> link) {
      return std::make_shared<dispatcher>(context, to, delaying(config), std::move(link));
    };
  }
  source_state(const source_state&) = delete;
  source_state& operator=(const source_state&) = delete;
  ~source_state() {
    if (link_)
      link_->abandon();
    if (delayer_)
      delayer_->abandon();
  }

  source_behind::behavior_type make_behavior() {
    send(self_, caf::actor_cast<source_behind>(self_), caf::tick_atom_v);
    return {[this](const drain& what) { return begin_to_drain(what); },
            [this](caf::tick_atom) {
              if (!link_ && !start())
                return;
              for (auto& each : link_->reports.take())
                std::visit([this](auto& what) { happened(what); }, each);
              if (delayer_)
                for (const auto& each : delayer_->reports.take())
                  delayed(*each);
            }};
  }

private:
  // Threads are CAF's own, so that the system waits for them at its end.
  bool start() {
    if (!mistakes_.empty()) {
      self_->quit(to_error({errc::invalid, all_of(mistakes_)}));
      return false;
    }
    link_ = std::make_shared<consumer_link>(waker_of(caf::actor_cast<source_behind>(self_)));
    self_->home_system().spawn<caf::detached>([one = start_(link_)](caf::event_based_actor*) { one->run(); });
    return true;
  }

  // Publishing has a connection of its own: a broker under an alarm reads nothing of one that publishes, no
  // acknowledgements either.
  void start_delayer() {
    delayer_ = std::make_shared<dispatcher_link>(waker_of(caf::actor_cast<source_behind>(self_)));
    self_->home_system().spawn<caf::detached>([one = start_delayer_(delayer_)](caf::event_based_actor*) { one->run(); });
  }

  void happened(hand_out& what) {
    asked_.ask<replies>(
      handler_, config_.answer_within, std::move(what.what),
      [this, number = what.batch](replies& answer) {
        link_->order(batch_outcome{number, std::move(answer)});
      },
      [this, number = what.batch](caf::error& why) {
        link_->order(batch_outcome{number, troupe::to_failure(why)});
      });
  }

  void happened(letter_order& what) {
    message letter = what.what.content;
    letter.headers = dead_letter_headers(what.what);
    asked_.ask<published>(
      dead_letters_, letter_within, publish{{std::move(letter)}},
      [this, ticket = what.ticket](published& answer) {
        link_->order(letter_outcome{ticket, outcome_of(answer)});
      },
      [this, ticket = what.ticket](caf::error& why) {
        link_->order(letter_outcome{ticket, troupe::to_failure(why)});
      });
  }

  void happened(delay_order& what) {
    if (!delayer_)
      start_delayer();
    std::vector<parcel> one;
    one.push_back(std::move(what.what));
    delayer_->order(std::make_shared<flight>(what.ticket, std::move(one), self_->clock().now() + delay_within));
  }

  void delayed(flight& what) { link_->order(delay_outcome{what.number(), outcome_of(what.take_answer())}); }

  void happened(drain_over& what) {
    drained_ = drained{what.unfinished};
    for (auto& each : std::exchange(drains_, {}))
      each.deliver(*drained_);
  }

  void happened(consumer_failed& what) { self_->quit(to_error(what.why)); }

  caf::result<drained> begin_to_drain(const drain& what) {
    if (drained_)
      return *drained_;
    auto promise = self_->make_response_promise<drained>();
    drains_.push_back(promise);
    if (link_ || start())
      link_->order(begin_drain{self_->clock().now() + what.at_most});
    return promise;
  }

  source_behind::pointer self_;
  requests<std::remove_pointer_t<source_behind::pointer>> asked_;
  const subscription config_;
  handler_actor handler_;
  publisher_actor dead_letters_;
  std::vector<std::string> mistakes_;
  std::function<std::shared_ptr<consumer>(std::shared_ptr<consumer_link>)> start_;
  std::function<std::shared_ptr<dispatcher>(std::shared_ptr<dispatcher_link>)> start_delayer_;
  std::shared_ptr<consumer_link> link_;      ///< none before the first tick
  std::shared_ptr<dispatcher_link> delayer_; ///< none before the first delivery that is delayed elsewhere
  std::optional<drained> drained_;
  std::vector<caf::typed_response_promise<drained>> drains_;
};

} // namespace

source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters) {
  return spawn_supervised<source_behind, source_state>(context, std::move(to), std::move(config), std::move(handler),
                                                       std::move(dead_letters), context);
}

} // namespace troupe::amqp
