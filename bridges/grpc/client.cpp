#include <troupe/bridges/grpc/client.hpp>

#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <troupe/actors/runtime/driver.hpp>
#include <troupe/bridges/grpc/engine/channel.hpp>
#include <troupe/bridges/grpc/finished_call.hpp>

namespace troupe::grpc {

namespace {

using client_actor = greeter_actor::extend<caf::result<void>(finished_call)>;

/// The one point where gRPC's threads enter the actor. Closed by its end, so that none comes later.
class completions {
public:
  explicit completions(client_actor to) : to_(std::move(to)) {}

  void pass(finished_call finished) {
    std::unique_lock lock{guard_};
    if (const auto to = to_) {
      lock.unlock(); // the actor may end while it handles this
      driver::send(to, std::move(finished));
    }
  }

  void close() {
    const std::scoped_lock lock{guard_};
    to_ = nullptr;
  }

private:
  std::mutex guard_;
  client_actor to_;
};

std::shared_ptr<channel> open_or_throw(const client_config& config, const spawn_context& context) {
  std::string mistakes;
  for (const auto& each : validate(config))
    mistakes += (mistakes.empty() ? "" : "; ") + each;
  if (!mistakes.empty())
    throw std::invalid_argument("gRPC client: " + mistakes);
  auto opened = channel::open(config, context.service(), context.watcher);
  if (!opened)
    throw std::invalid_argument("gRPC client of " + config.target + ": " + opened.error().reason);
  return std::move(*opened);
}

class client_state {
public:
  client_state(client_actor::pointer self, client_config config, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      channel_(open_or_throw(config_, context)),
      completions_(std::make_shared<completions>(client_actor{self})) {}

  ~client_state() {
    completions_->close();
    for (const auto& [number, each] : calls_)
      each.sent->cancel();
  }

  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  client_actor::behavior_type make_behavior() {
    return {[this](greet& call) { return begin(std::move(call)); }, [this](finished_call& how) { end(how); }};
  }

private:
  struct pending {
    caf::typed_response_promise<greeting_answer> owed;
    std::shared_ptr<outbound_call> sent;
  };

  caf::result<greeting_answer> begin(greet call) {
    const auto now = self_->clock().now();
    const auto within = call.answer_by.limited() ? call.answer_by.remaining(now) : config_.deadline;
    if (within <= duration::zero())
      return to_error({errc::deadline_exceeded, config_.target + ": no time was left to send the call"});
    if (call.abandoned.stop_requested())
      return to_error({errc::cancelled, "the caller left before the call was sent"});
    if (calls_.size() >= config_.in_flight)
      return to_error({errc::overloaded, config_.target + ": too many calls wait for their answer"});
    const auto number = ++last_;
    auto owed = self_->make_response_promise<greeting_answer>();
    auto sent =
      channel_->call(std::move(call), within, [where = completions_, number](greeting_answer&& answer, failure&& why) {
        where->pass({number, std::move(answer), std::move(why)});
      });
    calls_.emplace(number, pending{owed, std::move(sent)});
    return owed;
  }

  void end(finished_call& how) {
    const auto found = calls_.find(how.number);
    if (found == calls_.end())
      return;
    auto owed = std::move(found->second.owed);
    calls_.erase(found);
    if (how.why.code == errc::none)
      owed.deliver(std::move(how.answer));
    else
      owed.deliver(to_error(how.why));
  }

  client_actor::pointer self_;
  const client_config config_;
  std::shared_ptr<channel> channel_;
  std::shared_ptr<completions> completions_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, pending> calls_;
};

} // namespace

greeter_actor spawn_greeter_client(const spawn_context& context, client_config config) {
  return caf::actor_cast<greeter_actor>(spawn_supervised<client_actor, client_state>(context, std::move(config), context));
}

} // namespace troupe::grpc
