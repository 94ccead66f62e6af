#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/deploy/host/code.hpp>

namespace troupe {

/// Registers what a service does. Copies register the same service.
///
/// What the code of the service uses is registered here too, so that it is known before the service runs: a name that the
/// topology lacks is reported at start, and each name that is not registered throws `std::invalid_argument` where it is
/// used.
class service_registration {
public:
  explicit service_registration(host::service_code& code) noexcept : code_(&code) {}

  /// Serves a contract by the class `Service`, which is derived from the one that is generated for the contract. It is made
  /// of a `service_context&` or of nothing, once for each incarnation of its actor.
  template <class Service>
  service_registration& serves(interleaving calls = interleaving::allowed) {
    code_->serves.push_back({&Service::contract(), make_service<Service>, calls});
    return *this;
  }

  /// Handles the messages of a channel, of the type `T`, which has a `codec`. `handler` is a function or a coroutine of
  /// `(T, delivery_context&)`; its parameters are values, except for the context. It gives a `verdict`, a `reply`, or
  /// nothing, which means `done`: the delivery is settled when it has ended.
  template <class T, class Handler>
  service_registration& consumes(std::string channel, Handler handler, interleaving deliveries = interleaving::allowed) {
    code_->consumes.push_back({std::move(channel), codec<T>::name(), handles<T>(std::move(handler)), deliveries});
    return *this;
  }

  /// Calls a contract of another service, by the client that is generated for the contract.
  template <class Client>
  service_registration& calls(std::string service) {
    code_->calls.push_back({std::move(service), &Client::contract()});
    return *this;
  }

  /// Publishes messages of the type `T` to a channel.
  template <class T>
  service_registration& publishes(std::string channel) {
    code_->publishes.push_back({std::move(channel), codec<T>::name()});
    return *this;
  }

  /// Writes documents to the store of that name: a collection, in a database of the program's name.
  service_registration& stores(std::string name) {
    code_->stores.push_back(std::move(name));
    return *this;
  }

  /// Runs a coroutine of `timer_context&` at an interval, for the first time after one interval. No two runs overlap.
  service_registration& every(duration interval, std::function<task<>(timer_context&)> run) {
    code_->timers.push_back({interval, std::move(run)});
    return *this;
  }

private:
  host::service_code* code_;
};

/// A program of services: the whole executable. Register its services, and `run` it from `main`, once.
///
///     int main(int argc, char** argv) {
///       troupe::program shop{"shop"};
///       shop.service("orders").serves<orders>();
///       return shop.run(argc, argv);
///     }
///
/// Without a topology all services run in this process, on the embedded streams, queues and documents of a data folder. A
/// topology says otherwise: which of its services run elsewhere, and what carries each channel.
class program {
public:
  /// `name` is that of the executable in its help, of the folder of its data and of the database of its documents.
  explicit program(std::string name, std::string version = "0");
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  /// The service of that name, which is registered by the first call.
  service_registration service(std::string_view name);

  /// Carries out a command line: `run`, `check`, `topics apply`, `dead-letters`, `--help`. Returns the exit code: 0 done, 1
  /// failed, 2 the command line, the environment or a topology is wrong.
  int run(int argc, char** argv);

private:
  host::program_code code_;
};

} // namespace troupe
