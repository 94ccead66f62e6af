#pragma once

#include <array>
#include <optional>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/values/stall.hpp>

namespace troupe {

/// Reports what has held up one actor's deliveries or messages for more than `shortest_stall`: in the log at once and then
/// once a minute, with the remedy; as `troupe_stalled_seconds`, by channel and reason; and in the actor's vital signs. One
/// thread at a time.
class stall_watch {
public:
  /// `channel` is the stream, topic, queue or exchange of the topology.
  stall_watch(const spawn_context& context, std::string channel);
  stall_watch(const stall_watch&) = delete;
  stall_watch& operator=(const stall_watch&) = delete;
  ~stall_watch();

  static constexpr std::chrono::seconds look_every{5};
  static constexpr std::chrono::seconds report_every{60};

  /// Whether it is time to look for stalls. Then call `report`.
  [[nodiscard]] bool due(instant now) const noexcept { return !looked_ || now - *looked_ >= look_every; }

  /// The stalls of now; each is reported when its time has come.
  void report(const stall_list& stalls, instant now);

private:
  void report_one(std::size_t index, const stall* current, instant now);

  observer_ptr watcher_; // owns the gauges
  std::shared_ptr<vital_signs> vitals_;
  const std::string service_;
  const std::string actor_;
  const std::string channel_;
  std::array<gauge*, all_stall_reasons.size()> seconds_{};
  std::array<std::optional<instant>, all_stall_reasons.size()> reported_{}; ///< in the log
  std::optional<instant> looked_;
};

} // namespace troupe
