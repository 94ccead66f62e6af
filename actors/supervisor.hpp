#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/observer.hpp>
#include <troupe/messages/values/supervision_tree.hpp>
#include <troupe/policies/supervision.hpp>

namespace troupe::actors {

class supervised_group;
struct supervised_child;
struct supervised_tree_shared;

/// What belongs to one child beside its factory.
struct child_options {
  policies::child_policy policy;
  /// How long the child may take to stop before it is abandoned and reported.
  duration stop_within = std::chrono::seconds{5};
  /// Messages kept for the next incarnation during a restart; beyond, callers are answered `overloaded`.
  std::size_t stash_limit = 1000;
};

/// What is done to an actor on purpose, to see what becomes of it.
enum class disturbance : std::uint8_t {
  kill,    ///< its incarnation ends at once, as by a crash
  fail,    ///< it ends with an error, after what it does at its end
  hold,    ///< its messages wait, as during a restart, until `restore`
  pass,    ///< those that wait go to it, and later ones wait
  cut,     ///< requests to it are answered `unavailable` at once, until `restore`
  restore, ///< the last three end
};

/// How a supervisor ended.
enum class supervisor_ending : std::uint8_t {
  stopped,   ///< because it was asked to
  exhausted, ///< because its children failed too often
};

/// A tree of supervisors with the actors they supervise. Build it, `start` it, `stop` it, once.
///
///     supervisor root{system, "troupe", {}, watcher, seed, civil_time};
///     auto& service = root.top().add_group("service-a", {});
///     greeter_actor greeter = service.add("greeter", [=](const spawn_context& context) {
///       return spawn_greeter(context, config);
///     });
///     root.start();
///
/// The handle that `add` returns is valid at once and for the life of the tree: a restart shows only as latency or as an
/// error code. Building belongs to one thread and ends with `start`; everything else may be called from any thread.
class supervisor {
public:
  supervisor(caf::actor_system& system, std::string name, policies::supervision_config config, observer_ptr watcher,
             std::uint64_t seed, wall_clock civil_time);
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Every message sent to a handle of this tree afterwards is answered with `shutting_down`. Does not wait for children.
  ~supervisor();

  /// The root group.
  [[nodiscard]] supervised_group& top() noexcept { return *top_; }

  /// Starts all children, in order.
  void start();

  /// Asks all children to stop, in reverse order. `on_ended` reports when they have.
  void stop();

  /// `stop`, and returns when the tree has ended, whatever ended it. Blocks, so not on an actor's thread. Each child that
  /// does not stop in time is abandoned, so this ends.
  supervisor_ending stop_and_wait();

  /// Calls `listener` once when the tree has ended; at once when it has already. It runs on an actor's thread: it must not
  /// block.
  void on_ended(std::function<void(supervisor_ending)> listener);

  /// The live tree. Never blocks on an actor.
  [[nodiscard]] supervision_tree tree() const;

  /// Grows with every change of the tree's states.
  [[nodiscard]] std::uint64_t version() const noexcept;

  /// The paths of all actors, in the order of the tree.
  [[nodiscard]] std::vector<std::string> actors() const;

  /// Disturbs the actor with that path. False: there is none. One that has no incarnation cannot end. Only messages to its
  /// handle are held or cut off, not the answers that it waits for.
  bool disturb(const std::string& path, disturbance how) const;

  /// The actor whose current run of handlers has lasted longest, with that time; an empty path when all are idle.
  struct busiest_actor {
    std::string path;
    std::chrono::nanoseconds busy_for{};
  };
  [[nodiscard]] busiest_actor busiest() const;

private:
  [[nodiscard]] std::vector<supervision_tree> children_of(const supervised_group& group) const;
  static void for_each_child(const supervised_group& group, const std::function<void(const supervised_child&)>& visit);

  std::string name_;
  timestamp made_;
  std::shared_ptr<supervised_tree_shared> shared_;
  std::shared_ptr<supervised_group> top_;
  caf::actor actor_;
};

/// A supervisor within the tree: its children in their start order. References stay valid as long as the `supervisor`.
class supervised_group {
public:
  /// Adds an actor. `factory(const spawn_context&)` returns its typed handle; it runs once per incarnation on the
  /// supervisor's thread, must not block, and may throw, which counts as an abnormal end.
  template <class Factory>
  auto add(std::string name, // NOLINT(performance-unnecessary-value-param): moved on, which a template hides
           Factory factory, child_options options = {}) {
    using handle = std::invoke_result_t<Factory&, const spawn_context&>;
    auto erased = [make = std::move(factory)](const spawn_context& context) mutable {
      return caf::actor_cast<caf::strong_actor_ptr>(make(context));
    };
    const auto address = add_child(std::move(name), std::move(erased), options);
    return caf::actor_cast<handle>(address);
  }

  /// Adds a nested supervisor.
  supervised_group& add_group(std::string name, policies::supervision_config config, child_options options = {});

  /// Made by `supervisor` and `add_group` only.
  supervised_group(std::shared_ptr<supervised_tree_shared> shared, std::string path, policies::supervision_config config);
  ~supervised_group();
  supervised_group(const supervised_group&) = delete;
  supervised_group& operator=(const supervised_group&) = delete;

private:
  friend class supervisor;
  friend class group_actor_state;
  friend struct supervised_child;
  using erased_factory = std::function<caf::strong_actor_ptr(const spawn_context&)>;

  caf::strong_actor_ptr add_child(std::string name, erased_factory make, child_options options);
  void refuse_requests(errc code) const;

  std::shared_ptr<supervised_tree_shared> shared_;
  std::string path_;
  policies::supervision_config config_;
  std::vector<std::unique_ptr<supervised_child>> children_;
};

} // namespace troupe::actors
