#pragma once

// What a supervision tree's builder, its group actors and its readers share. Private to actors/.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/actors/supervisor.hpp>

namespace troupe::actors {

/// What the whole tree has in common.
struct supervised_tree_shared {
  supervised_tree_shared(caf::actor_system& in, observer_ptr watched_by, std::uint64_t random_seed, wall_clock clock)
    : system(in), watcher(std::move(watched_by)), seed(random_seed), civil_time(std::move(clock)) {}

  caf::actor_system& system;
  observer_ptr watcher;
  std::uint64_t seed;
  wall_clock civil_time;
  std::atomic<std::uint64_t> version{0};

  std::mutex mutex;
  std::optional<supervisor_ending> ending;                       // guarded by mutex
  std::vector<std::function<void(supervisor_ending)>> listeners; // guarded by mutex

  void ended(supervisor_ending how);
};

/// One child: how it is made, its address, and what is seen of it. The state is written by its group's actor alone.
struct supervised_child {
  std::string name;
  std::shared_ptr<const std::string> path;
  child_options options;
  std::function<caf::strong_actor_ptr(const spawn_context&)> make; // for an actor
  std::unique_ptr<supervised_group> group;                         // for a nested supervisor
  caf::strong_actor_ptr address;                                   // the supervised handle of an actor
  std::shared_ptr<vital_signs> vitals = std::make_shared<vital_signs>();
  counter* failures = nullptr;
  counter* restarts = nullptr;

  /// The parts of `supervision_tree` that change.
  struct status {
    child_state state = child_state::waiting;
    std::uint64_t incarnation = 0;
    std::uint64_t restarts = 0;
    std::string last_error;
    timestamp since{};
  };

  void change(supervised_tree_shared& shared, const std::function<void(status&)>& how);
  [[nodiscard]] status now() const;

  /// Answers callers of this actor, or of an actor of this group, with `code` at once, until its next incarnation.
  void refuse_requests(errc code) const;

private:
  mutable std::mutex mutex_;
  status status_;
};

} // namespace troupe::actors
