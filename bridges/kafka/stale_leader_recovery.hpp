#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// What to make of records from before where a partition was read. A broker that is cut off from its peers still answers as
/// the leader that it was. It does not have what was written since, and a client that asks it for that begins its log again.
/// Such a reader is led back to the latest record that it has read, until it finds a leader who knows that record. Where
/// another one stands in its place, or none for long, the log itself has begun anew: the topic was deleted and made again,
/// or the brokers lost a part of it. A value; `now` never goes back.
class stale_leader_recovery {
public:
  static constexpr std::chrono::seconds believed_after{15}; ///< brokers are told of a new leader well before that
  static constexpr std::chrono::seconds pause{1};           ///< between two times of leading it back

  /// A record from before has come: it is dropped, or, if true is returned, the log has begun anew.
  bool behind(instant now) {
    if (!run_ || now - run_->latest > believed_after / 2)
      run_ = run{now, now, now, {}};
    run_->latest = now;
    if (!run_->due)
      run_->due = std::max(now, run_->led_back + pause);
    return now - run_->since >= believed_after;
  }

  /// When to lead the reader back.
  [[nodiscard]] std::optional<instant> due() const noexcept { return run_ ? run_->due : std::nullopt; }

  void led_back(instant now) noexcept {
    run_->led_back = now;
    run_->due.reset();
  }

  [[nodiscard]] bool under_way() const noexcept { return run_.has_value(); }

  /// A record has come that is where it should be.
  void over() noexcept { run_.reset(); }

private:
  struct run {
    instant since;
    instant latest;
    std::optional<instant> due;
    instant led_back;
  };
  std::optional<run> run_;
};

} // namespace troupe::kafka
