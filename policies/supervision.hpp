#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <troupe/messages/settings/text.hpp>
#include <troupe/messages/values/supervision_tree.hpp>
#include <troupe/messages/values/time.hpp>
#include <troupe/policies/backoff.hpp>
#include <troupe/policies/restart_intensity.hpp>

namespace troupe::policies {

/// Which children are restarted beside one that ended. After Erlang/OTP's supervisor
/// (https://www.erlang.org/doc/design_principles/sup_princ).
enum class restart_strategy : std::uint8_t {
  one_for_one,  ///< nobody
  one_for_all,  ///< all its siblings
  rest_for_one, ///< the siblings that were started after it
};

constexpr auto words_of(restart_strategy) {
  using enum restart_strategy;
  return settings::words<restart_strategy>(
    {{"one-for-one", one_for_one}, {"one-for-all", one_for_all}, {"rest-for-one", rest_for_one}});
}

/// Whether a child that ended is started again.
enum class restart_kind : std::uint8_t {
  permanent, ///< always
  transient, ///< only after an abnormal end
  temporary, ///< never
};

/// How a child ended.
enum class ending : std::uint8_t {
  normal,
  abnormal,
  exhausted, ///< a supervisor that gave up because its own children failed too often
};

/// What a supervisor makes of a child that is exhausted.
enum class exhaustion : std::uint8_t {
  counts,    ///< an abnormal end like any other
  retry,     ///< the child is `failed` and tried again after a while; its siblings run on
  escalates, ///< the supervisor gives up at once
};

struct child_policy {
  restart_kind restart = restart_kind::permanent;
  exhaustion when_exhausted = exhaustion::counts;
};

struct supervision_config {
  restart_strategy strategy = restart_strategy::one_for_one;
  intensity_config intensity;
  backoff_config backoff;
  /// After which a `failed` child is tried again: long enough to spare a dependency, short enough to need no operator.
  duration failed_retry = std::chrono::seconds{30};
};

/// What a supervisor has to do next.
struct supervision_command {
  enum class action : std::uint8_t {
    start,    ///< spawn an incarnation of `child`
    stop,     ///< ask `child` to end, and report its end, or that it was abandoned
    wake,     ///< call `tick` at `at`
    give_up,  ///< all children are down and the supervisor ends as exhausted
    finished, ///< all children are down, as was asked
  };

  action step;
  std::size_t child = 0;
  instant at{};

  friend bool operator==(const supervision_command&, const supervision_command&) = default;
};

/// The decisions of one supervisor: a pure state machine of events, time and a seed. Children start in order and stop in
/// reverse, one after the other. Every member returns the commands to be carried out in order; a start that fails is
/// reported as an abnormal end.
class supervision {
public:
  using commands = std::vector<supervision_command>;

  supervision(const supervision_config& config, const std::vector<child_policy>& children, std::uint64_t seed);

  /// Starts all children.
  commands begin(instant now);

  /// A running or stopping child has ended.
  commands ended(std::size_t child, ending how, instant now);

  /// A child that was asked to stop did not do so in time. It is treated as ended from now on.
  commands abandoned(std::size_t child, instant now);

  /// The time of a `wake` has come. Early and repeated calls are harmless.
  commands tick(instant now);

  /// Stops all children, in reverse. Restarts that are pending are cancelled.
  commands stop(instant now);

  /// Whether it is stopping, giving up, or over.
  [[nodiscard]] bool is_ending() const noexcept { return mode_ != mode::running; }

  [[nodiscard]] child_state state(std::size_t child) const { return children_[child].state; }

private:
  struct record {
    child_policy policy;
    backoff delay;
    child_state state = child_state::waiting;
    bool to_stop = false;
    instant due{};
  };
  enum class mode : std::uint8_t { running, giving_up, stopping, over };

  void restart_with_siblings(std::size_t failed, instant now);
  void end_all();
  commands advance(instant now);
  [[nodiscard]] bool will_start(const record& one) const noexcept;

  supervision_config config_;
  restart_intensity intensity_;
  std::vector<record> children_;
  mode mode_ = mode::running;
};

} // namespace troupe::policies
