#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <troupe/bridges/embedded/claims.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::embedded {

class seat;

/// Calls a subscription when there may be more to fetch, and then not again before it has come. Any thread.
class bell {
public:
  explicit bell(std::function<void()> wake) : wake_(std::move(wake)) {}

  void ring() {
    if (!rung_.exchange(true))
      wake_();
  }

  /// From now on it rings again.
  void heard() noexcept { rung_.store(false); }

private:
  const std::function<void()> wake_;
  std::atomic<bool> rung_ = false;
};

/// What the publishers and subscriptions of one file tell each other within the process: how far each lane reaches, who
/// listens, who has claimed what. Nothing durable. Any thread.
class broker : public std::enable_shared_from_this<broker> {
public:
  /// Sits down at a source. `group` is exclusive while it is not empty: a second one fails with `conflict`. `wake` is
  /// called, from any thread and without a lock, when there may be more to fetch, and then not again before `seat::awake`.
  expected<std::unique_ptr<seat>> sit_down(std::string source, std::string group, std::int64_t incarnation,
                                           std::function<void()> wake);

  /// Messages up to `end` are committed in a lane of the source: `ends` holds (lane, end).
  void published(const std::string& source, const std::vector<std::pair<std::int64_t, std::int64_t>>& ends);

  /// How far a lane reaches, as far as has been told.
  [[nodiscard]] std::int64_t end_of(std::int64_t lane) const;

  /// Calls `what(queue_claims&)` alone with a queue's claims.
  template <class Fn>
  auto with_claims(std::int64_t lane, Fn&& what) {
    const std::lock_guard lock{guard_};
    return what(claims_[lane]);
  }

private:
  friend class seat;

  using bells = std::vector<std::shared_ptr<bell>>;

  void stand_up(const seat& who);
  [[nodiscard]] bells bells_at(const std::string& source, const seat* but) const;

  mutable std::mutex guard_;
  std::map<std::int64_t, std::int64_t> ends_; // by lane; below guard_, as all that follows
  std::multimap<std::string, seat*> seats_;   // by source
  std::map<std::int64_t, queue_claims> claims_;
  std::uint64_t seats_given_ = 0;
};

/// A subscription's place at a source. Owned by the subscription; its end gives back every claim.
class seat {
public:
  seat(std::shared_ptr<broker> at, std::string source, std::string group, std::uint64_t epoch, std::function<void()> wake)
    : at_(std::move(at)),
      source_(std::move(source)),
      group_(std::move(group)),
      epoch_(epoch),
      bell_(std::make_shared<bell>(std::move(wake))) {}
  seat(const seat&) = delete;
  seat& operator=(const seat&) = delete;
  ~seat() { at_->stand_up(*this); }

  /// Rises with every seat, over restarts of the process too: what an earlier one left behind bears a lower number.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// To be called before looking for more: from now on the next publish wakes again.
  void awake() noexcept { bell_->heard(); }

  /// The queue of these claims is what the seat claims from.
  void claims_from(std::int64_t queue);

  /// Wakes whoever else sits at the source: something may be theirs now.
  void wake_others();

private:
  friend class broker;

  const std::shared_ptr<broker> at_;
  const std::string source_;
  const std::string group_;
  const std::uint64_t epoch_;
  const std::shared_ptr<bell> bell_; ///< outlives the seat while somebody is about to ring it
  std::int64_t queue_ = -1;          ///< the lane it claims from
};

/// The incarnation of the file in which the seat of that epoch was taken.
[[nodiscard]] constexpr std::int64_t incarnation_of(std::uint64_t epoch) noexcept {
  return static_cast<std::int64_t>(epoch >> 24U);
}

} // namespace troupe::embedded
