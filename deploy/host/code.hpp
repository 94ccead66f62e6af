#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actors/contracts/declared_uses.hpp>
#include <troupe/actors/contracts/deliveries.hpp>
#include <troupe/actors/contracts/service.hpp>
#include <troupe/actors/contracts/timer.hpp>

namespace troupe::host {

// What an author's program has registered. Complete before the program runs, and unchanged from then on.

struct served_contract_code {
  const google::protobuf::ServiceDescriptor* contract = nullptr;
  std::function<std::unique_ptr<contract_service>(service_context&)> make;
  interleaving calls = interleaving::allowed;
  source_location where;
};

struct consumed_channel_code {
  std::string channel;
  std::string type; ///< of its messages, as their codec names it
  delivery_task_maker make;
  interleaving deliveries = interleaving::allowed;
  source_location where;
  std::string gives{};               ///< the type of the messages that the handler gives; empty: none
  std::optional<std::string> into{}; ///< the channel that gets them
  source_location into_where{};
};

struct timer_code {
  duration every{};
  std::string schedule; ///< of five fields as of a crontab; empty: it runs at the interval
  std::string zone;     ///< of the schedule
  timer_task_maker make;
  source_location where;
};

/// A check whose run fails while the service cannot do its work.
struct health_code {
  std::string name;
  timer_task_maker make;
  source_location where;
};

/// What is done before the first delivery, and undone after the last one; the latter may be null.
struct start_and_stop {
  std::function<void()> start;
  std::function<void()> stop;
};

template <class Step>
start_and_stop make_step(service_context& context) {
  const std::shared_ptr<Step> made = make_of<Step>(context);
  start_and_stop result{[made] { made->start(); }, {}};
  if constexpr (requires { made->stop(); })
    result.stop = [made] { made->stop(); };
  return result;
}

struct step_code {
  std::string name;
  std::function<start_and_stop(service_context&)> make;
  source_location where;
};

struct service_code {
  std::string name;
  source_location where; ///< of its registration, and so those of its parts
  std::vector<served_contract_code> serves{};
  std::vector<consumed_channel_code> consumes{};
  std::vector<timer_code> timers{};
  std::vector<health_code> checks{};
  std::vector<step_code> steps{};
};

struct program_code {
  std::string name;
  std::string version;
  std::deque<service_code> services{}; ///< whose elements stay where they are
};

/// What the code of a service uses, each name once.
struct code_uses : declared_uses {
  /// A class that could not be made.
  struct failed_class {
    std::string reason;
    source_location where;
  };
  std::vector<failed_class> failures;
};

/// Makes each class of the service once, so that it says what it uses. Runs constructors of the author.
code_uses collect_uses(const service_code& code);

/// The service with that name, or null.
const service_code* find_service(const program_code& program, std::string_view name) noexcept;

} // namespace troupe::host
