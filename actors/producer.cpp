#include <troupe/actors/producer.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/messages/values/identifier.hpp>
#include <troupe/messages/values/trace_context.hpp>

namespace troupe::actors {

namespace {

void replace_all(std::string& text, std::string_view pattern, std::string_view with) {
  for (auto at = text.find(pattern); at != std::string::npos; at = text.find(pattern, at + with.size()))
    text.replace(at, pattern.size(), with);
}

class producer_state {
public:
  producer_state(source_actor::pointer self, producer_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      watcher_(context.watcher),
      service_(context.service()),
      actor_(context.actor()),
      random_([engine = std::mt19937_64{context.seed}]() mutable { return engine(); }),
      seed_(context.seed),
      acknowledged_(context.watcher->make_counter("troupe_producer_acknowledged_total", "Messages acknowledged.",
                                                  {{"service", service_}, {"actor", actor_}})),
      repeated_(context.watcher->make_counter("troupe_producer_repeated_total", "Publishes repeated because no answer came.",
                                              {{"service", service_}, {"actor", actor_}})),
      stalls_(context, config_.channel) {}

  source_actor::behavior_type make_behavior() {
    produce_when_due();
    return {[this](const drain& order) { return stop(order); }};
  }

private:
  // Messages on their way, until they are acknowledged.
  struct shipment {
    std::uint64_t first = 0; ///< its first message's number
    publish request;
    policies::backoff delay;
  };
  using shipment_ptr = std::shared_ptr<shipment>;

  void produce_when_due() {
    if (draining_)
      return;
    if (config_.every == duration::zero()) {
      fill();
      return;
    }
    if (in_flight_ < config_.in_flight)
      produce();
    else
      put_off_ = true;
    if (!exhausted())
      self_->run_delayed(config_.every, [this] { produce_when_due(); });
  }

  void fill() {
    while (!draining_ && !exhausted() && in_flight_ < config_.in_flight)
      produce();
  }

  [[nodiscard]] bool exhausted() const noexcept { return config_.limit && number_ >= *config_.limit; }

  void produce() {
    if (exhausted())
      return;
    auto next = std::make_shared<shipment>(shipment{number_, {}, policies::backoff{config_.backoff, seed_ + number_}});
    const auto room = config_.limit ? *config_.limit - number_ : config_.batch;
    for (auto left = std::min<std::uint64_t>(config_.batch, room); left > 0; --left)
      next->request.messages.push_back(compose(number_++));
    ++in_flight_;
    ship(next);
  }

  message compose(std::uint64_t number) {
    const auto decimal = std::to_string(number);
    auto text = config_.text;
    replace_all(text, "{n}", decimal);
    replace_all(text, "{hostname}", config_.hostname);
    return {.id = random_uuid(random_),
            .key = decimal,
            .content_type = config_.media_type,
            .headers = {},
            .trace = new_trace(random_),
            .payload = std::move(text)};
  }

  void ship(const shipment_ptr& one) {
    ask(self_, config_.to, config_.timeout, one->request)
      .then([this, one](const published& done) { answered(one, done); },
            [this, one](const caf::error& why) { repeat(one, to_failure(why)); });
  }

  // What was acknowledged leaves the shipment, what is refused for ever too; the rest is repeated.
  void answered(const shipment_ptr& one, const published& done) {
    if (done.outcomes.size() != one->request.messages.size()) {
      repeat(one, {errc::internal, "the publisher answered for another number of messages"});
      return;
    }
    std::vector<message> left;
    failure last{errc::none, {}};
    for (std::size_t n = 0; n != done.outcomes.size(); ++n) {
      const auto& outcome = done.outcomes[n];
      if (outcome.code == errc::none)
        note_acknowledged(one->request.messages[n]);
      else if (is_transient(outcome.code))
        left.push_back(std::move(one->request.messages[n])), last = outcome;
      else
        note_refused(one->request.messages[n], outcome);
    }
    one->request.messages = std::move(left);
    if (one->request.messages.empty())
      arrived(*one);
    else
      repeat(one, last);
  }

  void repeat(const shipment_ptr& one, const failure& why) {
    if (!is_transient(why.code) && why.code != errc::internal) {
      for (const auto& refused : one->request.messages)
        note_refused(refused, why);
      arrived(*one);
      return;
    }
    repeated_.add();
    const auto now = self_->clock().now();
    const auto known = held_up_.find(one->first);
    held_up_[one->first] = {stall_reason::publish, why, known == held_up_.end() ? now : known->second.since};
    report_stalls(now);
    self_->run_delayed(one->delay.next(now), [this, one] { ship(one); });
  }

  void report_stalls(instant now) {
    stall_list all;
    for (const auto& [first, each] : held_up_)
      note(all, each);
    stalls_.report(all, now);
  }

  void arrived(const shipment& sent) {
    if (held_up_.erase(sent.first) > 0)
      report_stalls(self_->clock().now());
    --in_flight_;
    if (draining_) {
      if (in_flight_ == 0)
        finish_drain();
    } else if (config_.every == duration::zero()) {
      fill();
    } else if (std::exchange(put_off_, false)) {
      produce();
    }
  }

  void note_acknowledged(const message& sent) {
    acknowledged_.add();
    ++total_;
    if (watcher_->logs(severity::debug))
      watcher_->log(severity::debug, {service_, actor_, &sent.trace},
                    config_.hostname + " - total writes: " + std::to_string(total_));
  }

  void note_refused(const message& refused, const failure& why) {
    watcher_->log(severity::error, {service_, actor_, &refused.trace},
                  "message " + refused.id + " was refused permanently: " + to_string(why));
  }

  caf::result<drained> stop(const drain& order) {
    draining_ = true;
    if (in_flight_ == 0)
      return drained{0};
    drain_promise_ = self_->make_response_promise<drained>();
    self_->run_delayed(order.at_most, [this] { finish_drain(); });
    return *drain_promise_;
  }

  void finish_drain() {
    if (!drain_promise_)
      return;
    drain_promise_->deliver(drained{in_flight_});
    drain_promise_.reset();
  }

  source_actor::pointer self_;
  producer_config config_;
  observer_ptr watcher_;
  std::string service_;
  std::string actor_;
  random_source random_;
  std::uint64_t seed_;
  counter& acknowledged_;
  counter& repeated_;
  stall_watch stalls_;
  std::map<std::uint64_t, stall> held_up_; ///< shipments that were not taken, by their first message's number
  std::uint64_t number_ = 0;
  std::uint64_t total_ = 0;
  std::uint32_t in_flight_ = 0; // shipments
  bool put_off_ = false;
  bool draining_ = false;
  std::optional<caf::typed_response_promise<drained>> drain_promise_;
};

} // namespace

source_actor spawn_producer(const spawn_context& context, producer_config config) {
  return spawn_supervised<source_actor, producer_state>(context, std::move(config), context);
}

} // namespace troupe::actors
