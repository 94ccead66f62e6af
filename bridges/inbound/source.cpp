#include <troupe/bridges/inbound/source.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/actors/runtime/requests.hpp>
#include <troupe/actors/runtime/stall_watch.hpp>
#include <troupe/bridges/inbound/source_spans.hpp>

namespace troupe::inbound {

namespace {

// A tick means that one of the threads has reports, or that a driven consumer has work.
using source_behind = caf::typed_actor<caf::result<drained>(drain), caf::result<void>(caf::tick_atom)>;

constexpr auto published_within = std::chrono::seconds{60}; // beyond the publishers' own limits
constexpr auto longest_turn = std::chrono::seconds{90};     // of a consumer's thread; no bounded call takes as long
constexpr auto look_every = std::chrono::seconds{15};
constexpr auto redirected_within = std::chrono::seconds{10}; // afterwards it is tried again

expected<void> outcome_of(const published& answer) {
  if (answer.outcomes.empty())
    return failure{errc::internal, "no outcome"};
  if (!answer.complete())
    return answer.outcomes.front();
  return {};
}

class source_state {
public:
  source_state(source_behind::pointer self, spawn_context context, source_setup setup, handler_actor handler,
               publisher_actor dead_letters, publisher_actor retries)
    : self_(self),
      spans_(setup.system, context),
      requests_(self_),
      context_(std::move(context)),
      setup_(std::move(setup)),
      handler_(std::move(handler)),
      dead_letters_(std::move(dead_letters)),
      retries_(std::move(retries)) {}
  source_state(const source_state&) = delete;
  source_state& operator=(const source_state&) = delete;
  ~source_state() {
    if (consumer_)
      consumer_->abandon();
    if (retry_sender_)
      retry_sender_->abandon();
  }

  source_behind::behavior_type make_behavior() {
    send(self_, caf::actor_cast<source_behind>(self_), caf::tick_atom_v);
    return {[this](const drain& request) { return begin_to_drain(request); },
            [this](caf::tick_atom) {
              if (!open())
                return;
              take_reports();
              drive();
              look_at_thread();
              if (retry_sender_)
                for (auto& each : retry_sender_->take_reports())
                  std::visit([this](auto& report) { happened(report); }, each);
            }};
  }

private:
  bool open() {
    if (consumer_)
      return true;
    if (!setup_.mistakes.empty()) {
      self_->quit(to_error(invalid(setup_.mistakes)));
      return false;
    }
    if (setup_.driven)
      consumer_ = driven_ = setup_.driven(waker_of<source_behind>(self_));
    else
      consumer_ = begin_thread<source_behind>(self_, setup_.consumer);
    return true;
  }

  void take_reports() {
    for (auto& each : consumer_->take_reports())
      std::visit([this](auto& report) { happened(report); }, each);
  }

  void order(consumer_order next) {
    consumer_->order(std::move(next));
    drive();
  }

  void drive() {
    if (!driven_ || ended_)
      return;
    const auto at = now(); // read once: what becomes due meanwhile must be due later
    const auto due = driven_->go_on(at);
    take_reports();
    if (!due || *due <= at || (timer_ && *timer_ > at && *timer_ <= *due))
      return;
    timer_ = due;
    send_later(self_, caf::actor_cast<source_behind>(self_), std::max(*due - now(), duration::zero()), caf::tick_atom_v);
  }

  // A call that never returns keeps its thread, which can report nothing more; nobody can end it but the process.
  void look_at_thread() {
    const auto at = now();
    if (driven_ || ended_ || drained_ || (next_look_ && at < *next_look_))
      return;
    next_look_ = at + look_every;
    send_later(self_, caf::actor_cast<source_behind>(self_), look_every, caf::tick_atom_v);
    if (const auto turns = consumer_->turns(); !turned_ || turns != turns_) {
      turns_ = turns;
      turned_ = at;
    }
    const bool hangs = at - *turned_ >= longest_turn;
    if (hangs && !hanging_)
      hanging_.emplace(context_, setup_.channel);
    if (hanging_)
      hanging_->report(hangs ? stall_list{{stall_reason::client, {}, *turned_}} : stall_list{}, at);
    if (!hangs)
      hanging_.reset();
  }

  instant now() const { return self_->clock().now(); }

  void happened(hand_out& out) {
    spans_.handed_out(out, now());
    requests_.ask<replies>(
      handler_, setup_.answer_within, std::move(out.request),
      [this, number = out.batch](replies& answer) {
        spans_.answered(number, answer, now());
        order(batch_outcome{number, std::move(answer)});
      },
      [this, number = out.batch](caf::error& why) {
        spans_.failed(number, to_failure(why), now());
        order(batch_outcome{number, to_failure(why)});
      });
  }

  void happened(letter_order& order) {
    message content = order.letter.content;
    spans_.letter_begins(order.ticket, order.letter, content);
    content.headers = dead_letter_headers(order.letter);
    publish_to(dead_letters_, std::move(content), order.ticket);
  }

  void happened(retry_order& retry) {
    spans_.retry_begins(retry.ticket, retry.content, retry.elsewhere ? retry.elsewhere->address : "retry");
    if (!retry.elsewhere) {
      publish_to(retries_, std::move(retry.content), retry.ticket);
      return;
    }
    if (!retry_sender_)
      retry_sender_ = begin_thread<source_behind>(self_, setup_.retry_sender);
    std::vector<message> one;
    one.push_back(std::move(retry.content));
    retry_sender_->order(std::make_shared<outbound::publish_request>(retry.ticket, std::move(one), now() + redirected_within,
                                                                     std::move(retry.elsewhere)));
  }

  void happened(outbound::publish_request_ptr& complete) { settle(complete->number(), outcome_of(complete->take_answer())); }

  void publish_to(const publisher_actor& publisher, message content, std::uint64_t ticket) {
    requests_.ask<published>(
      publisher, published_within, publish{{std::move(content)}},
      [this, ticket](published& answer) { settle(ticket, outcome_of(answer)); },
      [this, ticket](caf::error& why) { settle(ticket, to_failure(why)); });
  }

  void settle(std::uint64_t ticket, expected<void> outcome) {
    spans_.published(ticket, outcome);
    order(publish_outcome{ticket, std::move(outcome)});
  }

  void happened(drain_over& over) {
    drained_ = drained{over.unfinished};
    for (auto& each : std::exchange(drains_, {}))
      each.deliver(*drained_);
  }

  void happened(thread_failed& thread) {
    ended_ = true;
    self_->quit(to_error(thread.why));
  }

  caf::result<drained> begin_to_drain(const drain& request) {
    if (drained_)
      return *drained_;
    auto promise = self_->make_response_promise<drained>();
    drains_.push_back(promise);
    if (open())
      order(begin_drain{now() + request.at_most});
    return promise;
  }

  source_behind::pointer self_;
  source_spans spans_;
  requests<std::remove_pointer_t<source_behind::pointer>> requests_;
  const spawn_context context_;
  const source_setup setup_;
  handler_actor handler_;
  publisher_actor dead_letters_;
  publisher_actor retries_;
  std::shared_ptr<consumer_link> consumer_; ///< none before the first tick
  std::shared_ptr<driven_consumer> driven_; ///< the same one, if it has no thread
  std::optional<instant> timer_;            ///< when the next delayed tick comes
  bool ended_ = false;
  std::uint64_t turns_ = 0;                             ///< of the consumer's thread, as last seen
  std::optional<instant> turned_;                       ///< when it was last seen to turn
  std::optional<instant> next_look_;                    ///< at the thread
  std::optional<stall_watch> hanging_;                  ///< while it does not turn
  std::shared_ptr<outbound::sender_link> retry_sender_; ///< none before the first retry with an address
  std::optional<drained> drained_;
  std::vector<caf::typed_response_promise<drained>> drains_;
};

} // namespace

source_actor spawn_source(const spawn_context& context, source_setup setup, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries) {
  return spawn_supervised<source_behind, source_state>(context, context, std::move(setup), std::move(handler),
                                                       std::move(dead_letters), std::move(retries));
}

} // namespace troupe::inbound
