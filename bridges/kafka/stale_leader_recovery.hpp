#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::kafka {

/// Decides what records mean whose offset is below the reader's position. A broker that is cut off from its peers still
/// answers as the leader that it was. It does not have the records written since, and a client that asks it for those begins
/// its log again. Such a reader seeks back to the latest record that it has read, until it finds a leader that has that
/// record. Where another record has its offset, or none has for long, the log itself has begun anew: the topic was deleted
/// and created again, or the brokers lost a part of it. A value; `now` never goes back.
class stale_leader_recovery {
public:
  static constexpr std::chrono::seconds believed_after{15}; ///< brokers learn of a new leader well before that
  static constexpr std::chrono::seconds pause{1};           ///< between two seeks

  /// A record below the position has arrived: it is dropped, or, if true is returned, the log has begun anew.
  bool behind(instant now) {
    if (!run_ || now - run_->latest > believed_after / 2)
      run_ = run{now, now, now, {}};
    run_->latest = now;
    if (!run_->due)
      run_->due = std::max(now, run_->sought + pause);
    return now - run_->since >= believed_after;
  }

  /// When the reader must seek.
  [[nodiscard]] std::optional<instant> due() const noexcept { return run_ ? run_->due : std::nullopt; }

  void sought(instant now) noexcept {
    run_->sought = now;
    run_->due.reset();
  }

  [[nodiscard]] bool under_way() const noexcept { return run_.has_value(); }

  /// A record has arrived at the expected offset.
  void over() noexcept { run_.reset(); }

private:
  struct run {
    instant since;
    instant latest;
    std::optional<instant> due;
    instant sought;
  };
  std::optional<run> run_;
};

} // namespace troupe::kafka
