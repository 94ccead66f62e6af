#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actors/contracts/deliveries.hpp>
#include <troupe/actors/contracts/service.hpp>
#include <troupe/actors/contracts/timer.hpp>

namespace troupe::host {

// What an author's program has registered. Complete before the program runs, and unchanged from then on.

struct served_contract_code {
  const google::protobuf::ServiceDescriptor* contract = nullptr;
  std::function<std::unique_ptr<contract_service>(service_context&)> make;
  interleaving calls = interleaving::allowed;
};

struct called_contract_code {
  std::string service;
  const google::protobuf::ServiceDescriptor* contract = nullptr;
};

struct consumed_channel_code {
  std::string channel;
  std::string type; ///< of its messages, as their codec names it
  delivery_task handle;
  interleaving deliveries = interleaving::allowed;
};

struct published_channel_code {
  std::string channel;
  std::string type;
};

struct timer_code {
  duration every{};
  std::function<task<>(timer_context&)> run;
};

struct service_code {
  std::string name;
  std::vector<served_contract_code> serves{};
  std::vector<called_contract_code> calls{};
  std::vector<consumed_channel_code> consumes{};
  std::vector<published_channel_code> publishes{};
  std::vector<std::string> stores{};
  std::vector<timer_code> timers{};
};

struct program_code {
  std::string name;
  std::string version;
  std::deque<service_code> services{}; ///< whose elements stay where they are
};

/// The service with that name, or null.
const service_code* find_service(const program_code& program, std::string_view name) noexcept;

} // namespace troupe::host
