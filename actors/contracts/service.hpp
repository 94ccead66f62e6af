#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <troupe/actors/contracts/client.hpp>
#include <troupe/actors/contracts/declared_uses.hpp>
#include <troupe/actors/contracts/effects.hpp>
#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/actors/runtime/task.hpp>
#include <troupe/messages/ports/contract.hpp>
#include <troupe/messages/values/secret.hpp>

namespace troupe {

/// Answers the calls of a contract in one actor: the base of the class that is generated for the contract, from which a
/// service author derives. An object lives as long as an incarnation of its actor.
class contract_service {
public:
  contract_service() = default;
  virtual ~contract_service() = default;
  contract_service(const contract_service&) = delete;
  contract_service& operator=(const contract_service&) = delete;

  /// The contract.
  [[nodiscard]] virtual const google::protobuf::ServiceDescriptor& descriptor() const = 0;

  /// Answers a call of one of its methods.
  virtual task<contract_answer> answer_call(contract_call asked) = 0;
};

/// What the code of a service may use besides itself, by the names that the code has for it.
struct service_links {
  /// By the callee's name; of several contracts of a callee by its name, a space and the contract's full name.
  std::map<std::string, contract_actor, std::less<>> callees;
  std::map<std::string, channel_link, std::less<>> channels;
  std::map<std::string, store_link, std::less<>> stores;
  /// The texts of the settings that have not their defaults.
  std::map<std::string, std::string, std::less<>> settings = {};
  std::map<std::string, secret, std::less<>> secrets = {};
};

/// What an incarnation of a service is made with: the one place where its code says what it uses. Valid as long as the
/// service.
///
/// At start the program makes each class once with a context that only collects the names, compares them with the topology,
/// and drops the object. A constructor has therefore no effects of its own, and asks for the same names each time.
class service_context {
public:
  service_context(const spawn_context& spawned, service_links links, call_sender& sender)
    : service_(spawned.service()), watcher_(spawned.watcher), links_(std::move(links)), sender_(&sender) {}

  /// Of what is no actor: it has settings alone.
  service_context(std::string service, service_links links);

  /// Collects in `into` what is asked for. `registered` is the place where the code was registered.
  service_context(std::string service, declared_uses& into, source_location registered);

  [[nodiscard]] const std::string& service() const noexcept { return service_; }
  [[nodiscard]] const observer_ptr& watcher() const noexcept { return watcher_; }

  // Each throws `std::invalid_argument`, which says the names there are, for a name that was not asked for at start.

  /// The generated client of a contract, for the service of that name. Its calls that have no sooner deadline end `at_most`
  /// after they were sent.
  template <class Client>
  [[nodiscard]] Client calls(std::string_view name, duration at_most = std::chrono::seconds{5},
                             source_location where = source_location::current()) const {
    return Client{contract_callee{callee(name, Client::contract(), where), sender_, at_most, counts_of(name)}};
  }

  /// The publisher of a channel, for messages of the type `T`, which has a `codec`.
  template <class T>
  [[nodiscard]] channel_publisher<T> publishes(std::string_view channel,
                                               source_location where = source_location::current()) const {
    return channel_publisher<T>{channel_of(channel, codec<T>::name(), where), *sender_};
  }

  /// A store: a collection, in a database of the program's name.
  [[nodiscard]] document_store store(std::string_view name, source_location where = source_location::current()) const {
    return document_store{store_of(name, where), *sender_};
  }

  /// A setting of the service: its value in the topology or the environment (SHIPPING_PARCEL_LIMIT of the service shipping),
  /// else `standard`. `rule` is its range, as of `settings::between`, and `reason` why the default is what it is. Declared
  /// here alone: what the topology has is checked against it, and shown by `check` with its source. A whole number, a
  /// number, a bool, a text, a duration, a `byte_size` or a choice of words, which are written with their units.
  template <class T, class Rule = settings::anything>
  [[nodiscard]] settings::kept<T> setting(std::string_view name, T&& standard, const Rule& rule = {},
                                          std::string_view reason = {},
                                          source_location where = source_location::current()) const {
    using value = settings::kept<T>;
    value result{std::forward<T>(standard)};
    if (collected_ != nullptr)
      collected_->settings.push_back(settings::declare<value>(name, result, rule, reason, where));
    else if (const auto text = links_.settings.find(name); text != links_.settings.end())
      result = settings::read<value>(rule, text->second).value();
    return result;
  }

  /// A secret of the service, such as a key of somebody else's interface: the variable (SHIPPING_API_KEY), or what the
  /// topology names (`env:NAME`, `file:/PATH`). It is read when the process starts, which fails where it is not there, and
  /// never printed. A `std::optional<secret>` may be left out.
  template <class T>
  requires(std::same_as<T, secret> || std::same_as<T, std::optional<secret>>) [[nodiscard]] T
    setting(std::string_view name, std::string_view reason = {}, source_location where = source_location::current()) const {
    using need = declared_setting::need;
    constexpr auto of_secret = std::same_as<T, secret> ? need::required : need::optional;
    if (collected_ != nullptr)
      collected_->settings.push_back(settings::declare_secret(name, of_secret, reason, where));
    else if (const auto found = links_.secrets.find(name); found != links_.secrets.end())
      return found->second;
    return T{};
  }

  /// The place where the code was registered, while names are collected.
  [[nodiscard]] const source_location& registered() const noexcept { return registered_; }

private:
  [[nodiscard]] contract_actor callee(std::string_view name, const google::protobuf::ServiceDescriptor& contract,
                                      const source_location& where) const;
  [[nodiscard]] call_counts_ptr counts_of(std::string_view callee) const;
  [[nodiscard]] channel_link channel_of(std::string_view name, const std::string& type, const source_location& where) const;
  [[nodiscard]] store_link store_of(std::string_view name, const source_location& where) const;

  std::string service_;
  observer_ptr watcher_;
  service_links links_;
  call_sender* sender_;
  declared_uses* collected_ = nullptr; // null: what is asked for is there
  source_location registered_;
};

struct contract_service_config {
  /// Makes the service of an incarnation; on its actor's thread. What it throws ends the incarnation.
  std::function<std::unique_ptr<contract_service>(service_context&)> make;
  std::map<std::string, contract_actor, std::less<>> callees; ///< as in `service_links`, and so those below
  interleaving calls = interleaving::allowed;
  std::map<std::string, channel_link, std::less<>> channels = {};
  std::map<std::string, store_link, std::less<>> stores = {};
  std::map<std::string, std::string, std::less<>> settings = {};
  std::map<std::string, secret, std::less<>> secrets = {};
};

/// Makes an object of the context, or of nothing.
template <class Class>
std::unique_ptr<Class> make_of(service_context& context) {
  if constexpr (std::is_constructible_v<Class, service_context&>)
    return std::make_unique<Class>(context);
  else
    return std::make_unique<Class>();
}

template <class Service>
std::unique_ptr<contract_service> make_service(service_context& context) {
  return make_of<Service>(context);
}

/// Spawns the actor of a service. Each call is a coroutine of its own, which begins unless its time has run out by then. A
/// `call_failed` that escapes a handler is its answer; any other exception ends the incarnation, and with it every call that
/// it has begun: their callers are answered at once.
contract_actor spawn_contract_service(const spawn_context& context, contract_service_config config);

/// The methods of the class that is generated for a contract: calls `method` of `service`.
template <class Request, class Response, class Service>
task<contract_answer> answer_by_method(contract_call asked, Service& service,
                                       task<Response> (Service::*method)(const Request&, call&)) {
  call at{std::move(asked.context)};
  auto response = co_await (service.*method)(static_cast<const Request&>(*asked.request), at);
  co_return contract_answer{std::make_shared<Response>(std::move(response)), at.take_answered()};
}

/// Fails: the method is none of this contract's.
task<contract_answer> refuse_method(contract_call asked, const google::protobuf::ServiceDescriptor& served);

/// The contract of that name. Throws `std::logic_error` where the program is linked without it.
const google::protobuf::ServiceDescriptor& linked_contract(const std::string& full_name);

} // namespace troupe
