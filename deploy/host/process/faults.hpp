#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actors/supervisor.hpp>
#include <troupe/deploy/host/process/fault_switches.hpp>
#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::host {

enum class fault_kind : std::uint8_t {
  end_actor,
  fail_actor,
  hang_actor,
  pause_channel,
  open_breaker,
  cut_peer,
  delay_store,
  fail_store,
};

/// What a fault acts on.
struct fault_target {
  std::string name;
  std::vector<std::string> actors;     ///< their paths
  fault_switches::switch_ptr toggle{}; ///< in place of actors
};

/// What faults ask of the process.
struct fault_ports {
  std::function<bool(const std::string& path, actors::disturbance how)> disturb; ///< as `actors::supervisor::disturb`
  observer_ptr watcher = silent_observer();
  std::function<instant()> now = steady_now;
  wall_clock clock = system_now;
};

using fault_targets = std::map<fault_kind, std::vector<fault_target>>;

/// What each kind of fault may act on: of the tree's actors, and of the plan's channels, services and stores.
fault_targets fault_targets_of(const process_plan& plan, const std::vector<std::string>& actors, fault_switches& switches);

/// The faults that are made on purpose while the process runs. Each is a warning in the log, is counted, and ends by itself
/// at the first `tick` after its time. Any thread.
class faults {
public:
  faults(const process_plan& plan, fault_targets targets, fault_ports ports);

  /// Whether there may be any, which kinds and targets there are, and which are active, as a JSON object.
  [[nodiscard]] std::string list() const;

  /// Begins one and returns it as a JSON object, whose number is 0 where it is over at once. Fails with `forbidden` where
  /// faults are refused, with `not_found` for a kind or a target that is not known, naming the nearest, and with `conflict`
  /// while another one acts on the same.
  expected<std::string> begin(const std::string& kind, const std::string& target, duration lasting);

  /// Ends one before its time. Fails with `not_found`.
  expected<void> end(std::uint64_t number);

  /// Ends all, and refuses further ones with `shutting_down`.
  void end_all();

  /// Does what is due. To be called about once a second.
  void tick();

  /// The names of what is under an active fault of that kind.
  [[nodiscard]] std::set<std::string> targets_under(fault_kind kind) const;

private:
  struct active_fault {
    std::uint64_t number;
    fault_kind kind;
    const fault_target* target;
    timestamp since;
    instant until;
  };

  [[nodiscard]] std::string to_json(const active_fault& one) const;
  [[nodiscard]] bool is_taken(const fault_target& target) const;
  void carry_out(fault_kind kind, const fault_target& target, instant until);
  void finish(const active_fault& one, std::string_view how);
  void disturb(const fault_target& target, actors::disturbance how) const;
  void log(severity level, const std::string& text) const;

  const std::string program_;
  const bool allowed_;
  const fault_targets targets_;
  const fault_ports ports_;
  mutable std::mutex guard_;
  std::vector<active_fault> active_;
  std::uint64_t last_ = 0;
  bool over_ = false;
};

} // namespace troupe::host
