#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <troupe/deploy/host/code.hpp>

namespace troupe {

class service_registration;

/// A consumer whose handler gives messages: says where they go.
class [[nodiscard]] results_registration {
public:
  explicit results_registration(host::service_code& code) noexcept : code_(&code), index_(code.consumes.size() - 1) {}

  /// To that channel. Between two streams of Kafka they, the dead letters and the settlement are one transaction; elsewhere
  /// they are durable before the delivery is settled, and have the same ids when it comes again.
  service_registration into(std::string channel, source_location where = source_location::current());

private:
  host::service_code* code_;
  std::size_t index_;
};

/// Registers what a service does. Copies register the same service.
///
/// What its code uses besides is said where it is used, once: by the constructors of its classes, from their
/// `service_context`, and by the parameters of its functions. So it is known before the service runs, and a name that the
/// topology lacks is reported at start with its place in the code.
class service_registration {
public:
  explicit service_registration(host::service_code& code) noexcept : code_(&code) {}

  /// Serves a contract by the class `Service`, which is derived from the one that is generated for the contract. It is made
  /// of a `service_context&` or of nothing, once for each incarnation of its actor.
  template <class Service>
  service_registration& serves(interleaving calls = interleaving::allowed,
                               source_location where = source_location::current()) {
    code_->serves.push_back({&Service::contract(), make_service<Service>, calls, where});
    return *this;
  }

  /// Handles the messages of a channel, by a function or a coroutine of the message, which has a `codec`, of
  /// `delivery_context&`, and of what it uses:
  ///
  ///     task<verdict> ship(OrderPlaced order, delivery_context& at, stores<"shipments"> shipments);
  ///
  /// Its parameters are values, except for the context. It gives a `verdict`, a `reply`, or nothing, which means `done`: the
  /// delivery is settled when it has ended. The message's type is `T` where the handler is generic.
  ///
  /// It may also give messages, whose channel is said behind it:
  ///
  ///     Label label_of(OrderPlaced order, delivery_context& at);
  ///     service.consumes("orders", label_of).into("labels");
  ///
  /// These are a value that has a `codec` or an `outgoing` value, a `std::optional` or a `std::vector` of these, or a task
  /// of any of them. A message that says nothing else has the key of the one that is handled.
  template <class T = void, class Handler>
  requires(!std::is_same_v<Handler, interleaving>) auto consumes(std::string channel, Handler handler,
                                                                 interleaving deliveries = interleaving::allowed,
                                                                 source_location where = source_location::current()) {
    using value = typename coroutines::handled<T, Handler>::type;
    return add<coroutines::message_given<value, Handler>>(
      {std::move(channel), codec<value>::name(), handles<value>(std::move(handler)), deliveries, where});
  }

  /// As above, by the `operator()` of a class that is made of a `service_context&` or of nothing, once for each incarnation
  /// of its actor, and so may have state.
  template <class Handler>
  auto consumes(std::string channel, interleaving deliveries = interleaving::allowed,
                source_location where = source_location::current()) {
    using value = coroutines::first_parameter<Handler>;
    return add<coroutines::message_given<value, Handler>>(
      {std::move(channel), codec<value>::name(), handles_by<Handler>(), deliveries, where});
  }

  /// Runs a function or a coroutine of `timer_context&` and of what it uses at an interval, for the first time after one
  /// interval. No two runs overlap.
  template <class Run>
  service_registration& every(duration interval, Run run, source_location where = source_location::current()) {
    code_->timers.push_back({interval, {}, {}, runs(std::move(run)), where});
    return *this;
  }

  /// As above, by the `operator()` of a class.
  template <class Run>
  service_registration& every(duration interval, source_location where = source_location::current()) {
    code_->timers.push_back({interval, {}, {}, runs_by<Run>(), where});
    return *this;
  }

  /// Runs, as of `every`, at the times of a crontab line of five fields (minute, hour, day of the month, month, day of the
  /// week), in a zone of the system's time zone database:
  ///
  ///     service.cron("30 2 * * MON-FRI", report, "Europe/Berlin");
  ///
  /// A time that passes while the program does not run is left out. A local time that is skipped is due at the end of the
  /// gap, and one that occurs twice is due the first time alone. Every process that has the service runs it, each under the
  /// same ids, which `timer_context::due` gives: what it publishes and writes has its effect once.
  template <class Run>
  requires(!std::is_convertible_v<Run, std::string>) service_registration& cron(
    std::string schedule, Run run, std::string zone = "UTC", source_location where = source_location::current()) {
    code_->timers.push_back({{}, std::move(schedule), std::move(zone), runs(std::move(run)), where});
    return *this;
  }

  /// As above, by the `operator()` of a class.
  template <class Run>
  service_registration& cron(std::string schedule, std::string zone = "UTC",
                             source_location where = source_location::current()) {
    code_->timers.push_back({{}, std::move(schedule), std::move(zone), runs_by<Run>(), where});
    return *this;
  }

  /// Looks every 5 s, by a function or a coroutine as of `every`, whether the service can do its work: `/readyz` fails until
  /// the first run has ended, and while the last one has thrown, with the words of the exception.
  template <class Check>
  service_registration& healthy(std::string name, Check check, source_location where = source_location::current()) {
    code_->checks.push_back({std::move(name), runs(std::move(check)), where});
    return *this;
  }

  /// As above, by the `operator()` of a class.
  template <class Check>
  service_registration& healthy(std::string name, source_location where = source_location::current()) {
    code_->checks.push_back({std::move(name), runs_by<Check>(), where});
    return *this;
  }

  /// Calls `start` before anything of the program runs, and `stop`, if there is one, after everything has ended. Steps start
  /// in the order of their registration, and those that have started stop in reverse. They run on the main thread and may
  /// block. A `start` that throws ends the program with its words and exit code 1; what a `stop` throws is logged.
  service_registration& step(std::string name, std::function<void()> start, std::function<void()> stop = {},
                             source_location where = source_location::current());

  /// As above, by the members `start` and, if there is one, `stop` of a class that is made of a `service_context&`, of which
  /// it may have settings, or of nothing.
  template <class Step>
  service_registration& step(std::string name, source_location where = source_location::current()) {
    code_->steps.push_back({std::move(name), host::make_step<Step>, where});
    return *this;
  }

private:
  template <class Given>
  auto add(host::consumed_channel_code consumer) {
    if constexpr (!std::is_void_v<Given>)
      consumer.gives = codec<Given>::name();
    code_->consumes.push_back(std::move(consumer));
    if constexpr (std::is_void_v<Given>)
      return *this;
    else
      return results_registration{*code_};
  }

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
  service_registration service(std::string_view name, source_location where = source_location::current());

  /// Carries out a command line: `run`, `check`, `topics apply`, `dead-letters`, `--help`. Returns the exit code: 0 done, 1
  /// failed, 2 the command line, the environment or a topology is wrong.
  int run(int argc, char** argv);

private:
  host::program_code code_;
};

} // namespace troupe
