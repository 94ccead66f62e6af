#include <troupe/bridges/grpc/client.hpp>

#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <google/protobuf/descriptor.h>

#include <troupe/actors/runtime/driver.hpp>
#include <troupe/bridges/grpc/engine/channel.hpp>
#include <troupe/bridges/grpc/engine/exchanges.hpp>
#include <troupe/bridges/grpc/finished_call.hpp>
#include <troupe/bridges/grpc/metadata.hpp>

namespace troupe::grpc {

namespace {

/// A call on its way to the channel.
template <class Exchange>
struct outgoing_call {
  std::size_t method; ///< of the channel's
  call_context context;
  std::shared_ptr<Exchange> with;
};

/// How calls of a contract become calls of its channel.
struct contract_calls {
  using actor_type = contract_actor;
  using call_type = contract_call;
  using exchange_type = contract_exchange;

  const google::protobuf::ServiceDescriptor& contract;

  [[nodiscard]] channel_options options(std::string service) const { return {std::move(service), methods_of(contract), {}}; }

  [[nodiscard]] expected<outgoing_call<contract_exchange>> prepare(contract_call call) const {
    if (call.method->service() != &contract)
      return failure{errc::unsupported, call.method->full_name() + " is no method of " + contract.full_name()};
    auto with = std::make_shared<contract_exchange>(call);
    return outgoing_call<contract_exchange>{static_cast<std::size_t>(call.method->index()), std::move(call.context),
                                            std::move(with)};
  }
};

/// How greets become calls of the reference platform's contract.
struct greeting_calls {
  using actor_type = greeter_actor;
  using call_type = greet;
  using exchange_type = greeting_exchange;

  package contract;

  [[nodiscard]] channel_options options(std::string service) const {
    return {std::move(service), methods_of(contract),
            "; where the peer is of a reference platform, node.grpc.package says which of the two it speaks"};
  }

  [[nodiscard]] expected<outgoing_call<greeting_exchange>> prepare(greet call) const {
    auto with = make_greeting_exchange(contract, call);
    return outgoing_call<greeting_exchange>{0, context_of(std::move(call)), std::move(with)};
  }
};

const call_context& context_in(const contract_call& call) {
  return call.context;
}

const greet& context_in(const greet& call) {
  return call;
}

/// The one point where gRPC's threads enter an actor. Closed by its end, so that none comes later.
template <class Actor>
class completions {
public:
  explicit completions(Actor to) : to_(std::move(to)) {}

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
  Actor to_;
};

std::shared_ptr<channel> open_or_throw(const client_config& config, const spawn_context& context, channel_options options) {
  std::string mistakes;
  for (const auto& each : validate(config))
    mistakes += (mistakes.empty() ? "" : "; ") + each;
  if (!mistakes.empty())
    throw std::invalid_argument("gRPC client: " + mistakes);
  auto opened = channel::open(config, std::move(options), context.watcher);
  if (!opened)
    throw std::invalid_argument("gRPC client of " + config.target + ": " + opened.error().reason);
  return std::move(*opened);
}

template <class Calls>
class client_state {
public:
  using call_type = typename Calls::call_type;
  using exchange_type = typename Calls::exchange_type;
  using answer_type = typename exchange_type::answer_type;
  using actor_type = typename Calls::actor_type::template extend<caf::result<void>(finished_call)>;

  client_state(typename actor_type::pointer self, client_config config, Calls calls, const spawn_context& context)
    : self_(self),
      config_(std::move(config)),
      calls_(std::move(calls)),
      channel_(open_or_throw(config_, context, calls_.options(context.service()))),
      completions_(std::make_shared<completions<actor_type>>(actor_type{self})) {}

  ~client_state() {
    completions_->close();
    for (const auto& [number, each] : pending_)
      each.sent->cancel();
  }

  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  typename actor_type::behavior_type make_behavior() {
    return {[this](call_type& call) { return begin(std::move(call)); }, [this](finished_call& ended) { end(ended); }};
  }

private:
  struct pending_call {
    caf::typed_response_promise<answer_type> promise;
    std::shared_ptr<sent_call> sent;
  };

  caf::result<answer_type> begin(call_type call) {
    const auto& context = context_in(call);
    const auto now = self_->clock().now();
    const auto within = context.answer_by.limited() ? context.answer_by.remaining(now) : config_.deadline;
    if (within <= duration::zero())
      return to_error({errc::deadline_exceeded, config_.target + ": no time was left to send the call"});
    if (context.abandoned.stop_requested())
      return to_error({errc::cancelled, "the caller left before the call was sent"});
    if (pending_.size() >= config_.in_flight)
      return to_error({errc::overloaded, config_.target + ": too many calls wait for their answer"});
    auto prepared = calls_.prepare(std::move(call));
    if (!prepared)
      return to_error(prepared.error());
    const auto number = ++last_;
    auto promise = self_->template make_response_promise<answer_type>();
    auto sent = channel_->call(prepared->method, std::move(prepared->context), within, std::move(prepared->with),
                               [to = completions_, number](std::shared_ptr<exchange> with, failure why) {
                                 to->pass({number, std::move(with), std::move(why)});
                               });
    pending_.emplace(number, pending_call{promise, std::move(sent)});
    return promise;
  }

  void end(finished_call& ended) {
    const auto found = pending_.find(ended.number);
    if (found == pending_.end())
      return;
    auto promise = std::move(found->second.promise);
    pending_.erase(found);
    if (ended.why.code == errc::none)
      promise.deliver(static_cast<exchange_type&>(*ended.with).take());
    else
      promise.deliver(to_error(ended.why));
  }

  typename actor_type::pointer self_;
  const client_config config_;
  const Calls calls_;
  std::shared_ptr<channel> channel_;
  std::shared_ptr<completions<actor_type>> completions_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, pending_call> pending_;
};

template <class Calls>
typename Calls::actor_type spawn_client(const spawn_context& context, client_config config, Calls calls) {
  using state = client_state<Calls>;
  return caf::actor_cast<typename Calls::actor_type>(
    spawn_supervised<typename state::actor_type, state>(context, std::move(config), std::move(calls), context));
}

} // namespace

contract_actor spawn_contract_client(const spawn_context& context, client_config config,
                                     const google::protobuf::ServiceDescriptor& contract) {
  return spawn_client(context, std::move(config), contract_calls{contract});
}

greeter_actor spawn_greeter_client(const spawn_context& context, client_config config) {
  const auto contract = config.contract;
  return spawn_client(context, std::move(config), greeting_calls{contract});
}

} // namespace troupe::grpc
