#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <troupe/messages/ports/caf.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe {

/// What can be seen of an actor from outside while it works. Shared by all its incarnations. Any thread.
class vital_signs {
public:
  /// Marks the beginning of a run of handlers.
  void work_begins() noexcept { busy_since_.store(ticks_now(), std::memory_order_relaxed); }

  /// Marks its end.
  void work_ends() noexcept { busy_since_.store(0, std::memory_order_relaxed); }

  /// How long the current run of handlers has lasted; zero when none is running. One that blocks its thread shows here.
  [[nodiscard]] std::chrono::nanoseconds busy_for() const noexcept {
    const auto since = busy_since_.load(std::memory_order_relaxed);
    return std::chrono::nanoseconds{since == 0 ? 0 : ticks_now() - since};
  }

  /// What its deliveries or messages have been held up by for long, in words; empty: by nothing.
  void held_up_by(std::string cause) {
    const std::lock_guard lock{guard_};
    held_up_by_ = std::move(cause);
  }

  [[nodiscard]] std::string held_up_by() const {
    const std::lock_guard lock{guard_};
    return held_up_by_;
  }

private:
  static std::int64_t ticks_now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  std::atomic<std::int64_t> busy_since_{0};
  mutable std::mutex guard_;
  std::string held_up_by_;
};

/// With what a supervisor has an incarnation spawned. The factory that receives it passes it to `spawn_supervised`.
struct spawn_context {
  caf::actor_system& system;
  std::shared_ptr<const std::string> path; ///< where it stands in the tree: "service-a/greeter". Its name in CAF's metrics
  std::shared_ptr<vital_signs> vitals;
  observer_ptr watcher;
  std::uint64_t seed; ///< for the incarnation's own random source

  /// The first and the last part of the path.
  [[nodiscard]] std::string service() const { return path->substr(0, path->find('/')); }
  [[nodiscard]] std::string actor() const { return path->substr(path->rfind('/') + 1); }
};

/// A context outside any supervisor, for tests and for programs without one.
inline spawn_context unsupervised(caf::actor_system& system, std::string path, observer_ptr watcher = silent_observer()) {
  return {system, std::make_shared<const std::string>(std::move(path)), std::make_shared<vital_signs>(), std::move(watcher),
          1};
}

/// The error of an actor that ended by this exception: `actor_failed` with its words.
caf::error exception_to_error(const std::exception_ptr& thrown);

/// A class-based CAF actor that shows its vital signs and is named by its position in the tree.
template <class Handle, class State>
class supervised_actor final : public caf::stateful_actor<State, typename Handle::impl> {
public:
  using super = caf::stateful_actor<State, typename Handle::impl>;

  template <class... Args>
  supervised_actor(caf::actor_config& config, std::shared_ptr<const std::string> path, std::shared_ptr<vital_signs> vitals,
                   Args&&... args)
    : super(config, std::forward<Args>(args)...), path_(std::move(path)), vitals_(std::move(vitals)) {
    // An exception that escapes a handler always ends the incarnation; its words go to the supervisor, which reports them.
    this->set_exception_handler([](std::exception_ptr& thrown) { return exception_to_error(thrown); });
  }

  const char* name() const override { return path_->c_str(); }

  caf::resumable::resume_result resume(execution_context* context, std::size_t max_throughput) override {
    vitals_->work_begins();
    const auto result = super::resume(context, max_throughput);
    vitals_->work_ends();
    return result;
  }

private:
  std::shared_ptr<const std::string> path_;
  std::shared_ptr<vital_signs> vitals_;
};

/// Spawns an actor whose state is `State(Handle::pointer self, args...)` with a `make_behavior()`, as CAF's class-based
/// actors have. Throws what the state's constructor throws.
template <class Handle, class State, class... Args>
Handle spawn_supervised(const spawn_context& context, Args&&... args) {
  return context.system.spawn<supervised_actor<Handle, State>>(context.path, context.vitals, std::forward<Args>(args)...);
}

} // namespace troupe
