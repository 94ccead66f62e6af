#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::inbound {

/// The help texts of the series whose meaning depends on the transport.
struct subscription_help {
  std::string_view settled = "Deliveries settled.";
  std::string_view stale = "Settlements discarded because their partition was no longer assigned.";
  std::string_view unsettled = "Deliveries fetched and not settled.";
};

/// The metrics of every subscription, named `troupe_TRANSPORT_NAME`. Label values come from the topology, and the code of an
/// error from its enum.
struct subscription_metrics {
  subscription_metrics(const spawn_context& context, std::string_view transport, label_list with,
                       const subscription_help& help = {});

  /// Observes how long a message took that is settled now, where it is known when it was published.
  void settled_now(const std::optional<timestamp>& published);

  /// Counts one dead letter with this error code.
  void dead_lettered(errc why);

  /// Of transports that know of the subscription as a whole how many messages are not settled.
  void show_lag(std::size_t messages);

  [[nodiscard]] counter& make_counter(std::string_view name, std::string_view help) const;
  [[nodiscard]] gauge& make_gauge(std::string_view name, std::string_view help, const label_list& more = {}) const;

  observer_ptr watcher; ///< owns the counters and gauges below
  std::string prefix;
  label_list labels;
  counter& delivered;
  counter& batches;
  counter& settled;
  counter& retried;
  counter& stale;
  gauge& unsettled;
  gauge& oldest;      ///< seconds
  histogram& latency; ///< seconds

private:
  gauge* lag_ = nullptr; // made when it is known
};

} // namespace troupe::inbound
