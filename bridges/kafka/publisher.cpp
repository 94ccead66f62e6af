#include <troupe/bridges/kafka/publisher.hpp>

#include <map>
#include <memory>
#include <utility>
#include <variant>

#include <troupe/bridges/kafka/dispatcher.hpp>
#include <troupe/bridges/kafka/metrics.hpp>

namespace troupe::kafka {

namespace {

// The tick says that the dispatcher's thread has left reports.
using publisher_behind = caf::typed_actor<caf::result<published>(publish), caf::result<void>(caf::tick_atom)>;

class publisher_state {
public:
  publisher_state(publisher_behind::pointer self, connection to, publisher_config config, const spawn_context& context)
    : self_(self), config_(std::move(config)), metrics_(context, config_.topic), mistakes_(validate(config_)) {
    const auto more = validate(to);
    mistakes_.insert(mistakes_.end(), more.begin(), more.end());
    start_ = [context, to = std::move(to), config = config_](std::shared_ptr<dispatcher_link> link) {
      return std::make_shared<dispatcher>(context, to, config, std::move(link));
    };
  }
  publisher_state(const publisher_state&) = delete;
  publisher_state& operator=(const publisher_state&) = delete;
  ~publisher_state() {
    if (link_)
      link_->abandon();
  }

  publisher_behind::behavior_type make_behavior() {
    send(self_, me(), caf::tick_atom_v);
    return {[this](publish& what) { return take(what); },
            [this](caf::tick_atom) {
              if (!link_ && !open())
                return;
              for (auto& each : link_->reports.take())
                std::visit([this](auto& what) { happened(what); }, each);
            }};
  }

private:
  struct waiting_publish {
    caf::typed_response_promise<published> promise;
    std::size_t messages = 0;
    std::size_t bytes = 0;
  };

  publisher_behind me() const { return caf::actor_cast<publisher_behind>(self_); }

  bool open() {
    if (!mistakes_.empty()) {
      std::string text;
      for (const auto& each : mistakes_)
        text.append(text.empty() ? "" : "; ").append(each);
      self_->quit(to_error({errc::invalid, std::move(text)}));
      return false;
    }
    link_ = std::make_shared<dispatcher_link>([weak = caf::actor_cast<caf::weak_actor_ptr>(me())] {
      if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
        send_anonymously(caf::actor_cast<publisher_behind>(strong), caf::tick_atom_v);
    });
    // Its thread is CAF's own, so that the system waits for it at its end.
    self_->home_system().spawn<caf::detached>([one = start_(link_)](caf::event_based_actor*) { one->run(); });
    return true;
  }

  caf::result<published> take(publish& what) {
    if (!link_ && !open())
      return to_error({errc::invalid, "the publisher's configuration is wrong"});
    if (what.messages.empty())
      return published{};
    std::size_t bytes = 0;
    for (const auto& each : what.messages)
      bytes += each.payload.size() + (each.key ? each.key->size() : 0);
    const auto messages = what.messages.size();
    // A bound of what is in flight is none of size: where nothing is, anything is taken.
    if (in_flight_ > 0 && (in_flight_ + messages > config_.in_flight || bytes_ + bytes > config_.in_flight_bytes)) {
      metrics_.refused.add(static_cast<double>(messages));
      return to_error({errc::overloaded, "too much waits for its acknowledgement by " + config_.topic});
    }
    auto promise = self_->make_response_promise<published>();
    const auto number = ++last_;
    waiting_.emplace(number, waiting_publish{promise, messages, bytes});
    count(messages, bytes);
    link_->orders.put(
      std::make_unique<flight>(number, std::move(what.messages), self_->clock().now() + config_.acknowledged_within));
    return promise;
  }

  void count(std::size_t messages, std::size_t bytes) {
    in_flight_ += messages;
    bytes_ += bytes;
    metrics_.in_flight.set(static_cast<double>(in_flight_));
  }

  void happened(flight_ptr& what) {
    auto node = waiting_.extract(what->number());
    auto& done = node.mapped();
    count(-done.messages, -done.bytes);
    auto answer = what->take_answer();
    std::size_t arrived = 0;
    for (const auto& each : answer.outcomes)
      arrived += each.code == errc::none ? 1 : 0;
    metrics_.published.add(static_cast<double>(arrived));
    if (arrived < answer.outcomes.size())
      metrics_.refused.add(static_cast<double>(answer.outcomes.size() - arrived));
    done.promise.deliver(std::move(answer));
  }

  void happened(dispatcher_failed& what) { self_->quit(to_error(what.why)); }

  publisher_behind::pointer self_;
  const publisher_config config_;
  publisher_metrics metrics_;
  std::vector<std::string> mistakes_;
  std::function<std::shared_ptr<dispatcher>(std::shared_ptr<dispatcher_link>)> start_;
  std::shared_ptr<dispatcher_link> link_; ///< none before the first message
  std::map<std::uint64_t, waiting_publish> waiting_;
  std::uint64_t last_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace

publisher_actor spawn_publisher(const spawn_context& context, connection to, publisher_config config) {
  return spawn_supervised<publisher_behind, publisher_state>(context, std::move(to), std::move(config), context);
}

} // namespace troupe::kafka
