#include <troupe/bridges/kafka/source.hpp>

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/bridges/kafka/member.hpp>
#include <troupe/messages/ports/requests.hpp>

namespace troupe::kafka {

namespace {

// The tick says that the member's thread has left reports.
using source_behind = caf::typed_actor<caf::result<drained>(drain), caf::result<void>(caf::tick_atom)>;

constexpr auto letter_within = std::chrono::seconds{60}; // beyond the publisher's own limit

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

class source_state {
public:
  source_state(source_behind::pointer self, connection to, subscription config, handler_actor handler,
               publisher_actor dead_letters, publisher_actor retries, const spawn_context& context)
    : self_(self),
      asked_(self),
      config_(std::move(config)),
      handler_(std::move(handler)),
      dead_letters_(std::move(dead_letters)),
      retries_(std::move(retries)),
      mistakes_(validate(config_)) {
    if (config_.delayed == waiting_place::topic && !retries_)
      mistakes_.emplace_back("nothing leads to the topic of retries");
    const auto more = validate(to);
    mistakes_.insert(mistakes_.end(), more.begin(), more.end());
    start_ = [context, to = std::move(to), config = config_](std::shared_ptr<member_link> link) {
      return std::make_shared<member>(context, to, config, std::move(link));
    };
  }
  source_state(const source_state&) = delete;
  source_state& operator=(const source_state&) = delete;
  ~source_state() {
    if (link_)
      link_->abandon();
  }

  source_behind::behavior_type make_behavior() {
    send(self_, caf::actor_cast<source_behind>(self_), caf::tick_atom_v);
    return {[this](const drain& what) { return begin_to_drain(what); },
            [this](caf::tick_atom) {
              if (!link_ && !join())
                return;
              for (auto& each : link_->reports.take())
                std::visit([this](auto& what) { happened(what); }, each);
            }};
  }

private:
  // The member's thread is CAF's own, so that the system waits for it at its end.
  bool join() {
    if (!mistakes_.empty()) {
      self_->quit(to_error({errc::invalid, all_of(mistakes_)}));
      return false;
    }
    link_ = std::make_shared<member_link>(waker_of(caf::actor_cast<source_behind>(self_)));
    self_->home_system().spawn<caf::detached>([one = start_(link_)](caf::event_based_actor*) { one->run(); });
    return true;
  }

  void happened(hand_out& what) {
    asked_.ask<replies>(
      handler_, config_.answer_within, std::move(what.what),
      [this, number = what.batch](replies& answer) {
        link_->orders.put(batch_outcome{number, std::move(answer)});
      },
      [this, number = what.batch](caf::error& why) {
        link_->orders.put(batch_outcome{number, troupe::to_failure(why)});
      });
  }

  void happened(letter_order& what) {
    message letter = what.what.content;
    letter.headers = dead_letter_headers(what.what);
    set_aside(dead_letters_, std::move(letter), what.ticket);
  }

  void happened(retry_order& what) {
    message retry = what.what.what.content;
    retry.headers = retry_headers(what.what);
    set_aside(retries_, std::move(retry), what.ticket);
  }

  void set_aside(const publisher_actor& to, message what, std::uint64_t ticket) {
    asked_.ask<published>(
      to, letter_within, publish{{std::move(what)}},
      [this, ticket](published& answer) {
        const bool done = answer.complete() && !answer.outcomes.empty();
        link_->orders.put(letter_outcome{ticket, done                      ? expected<void>{}
                                                 : answer.outcomes.empty() ? failure{errc::internal, "no outcome"}
                                                                           : answer.outcomes.front()});
      },
      [this, ticket](caf::error& why) {
        link_->orders.put(letter_outcome{ticket, troupe::to_failure(why)});
      });
  }

  void happened(drain_over& what) {
    drained_ = drained{what.unfinished};
    for (auto& each : std::exchange(drains_, {}))
      each.deliver(*drained_);
  }

  void happened(membership_failed& what) { self_->quit(to_error(what.why)); }

  caf::result<drained> begin_to_drain(const drain& what) {
    if (drained_)
      return *drained_;
    auto promise = self_->make_response_promise<drained>();
    drains_.push_back(promise);
    if (link_ || join())
      link_->orders.put(begin_drain{self_->clock().now() + what.at_most});
    return promise;
  }

  source_behind::pointer self_;
  requests<std::remove_pointer_t<source_behind::pointer>> asked_;
  const subscription config_;
  handler_actor handler_;
  publisher_actor dead_letters_;
  publisher_actor retries_;
  std::vector<std::string> mistakes_;
  std::function<std::shared_ptr<member>(std::shared_ptr<member_link>)> start_;
  std::shared_ptr<member_link> link_; ///< none before the first tick
  std::optional<drained> drained_;
  std::vector<caf::typed_response_promise<drained>> drains_;
};

} // namespace

source_actor spawn_source(const spawn_context& context, connection to, subscription config, handler_actor handler,
                          publisher_actor dead_letters, publisher_actor retries) {
  return spawn_supervised<source_behind, source_state>(context, std::move(to), std::move(config), std::move(handler),
                                                       std::move(dead_letters), std::move(retries), context);
}

} // namespace troupe::kafka
