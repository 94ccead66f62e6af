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

#include <troupe/bridges/embedded/leases.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::embedded {

class membership;

/// Wakes a subscription when there may be more to fetch, and then not again before it has come. Any thread.
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

/// What the publishers and subscriptions of one file share within the process: the end of each partition, the subscriptions,
/// and their leases. Nothing of it is durable. Any thread.
class broker : public std::enable_shared_from_this<broker> {
public:
  /// Joins the subscriptions to a source. `group` is exclusive unless it is empty: a second one fails with `conflict`.
  /// `wake` is called, from any thread and without a lock, when there may be more to fetch, and then not again before
  /// `membership::awake`.
  expected<std::unique_ptr<membership>> join(std::string source, std::string group, std::int64_t incarnation,
                                             std::function<void()> wake);

  /// Messages up to `end` are committed in a partition of the source: `ends` holds (partition id, end).
  void published(const std::string& source, const std::vector<std::pair<std::int64_t, std::int64_t>>& ends);

  /// The end of a partition as last published; 0 where nothing was.
  [[nodiscard]] std::int64_t end_of(std::int64_t partition_id) const;

  /// Calls `use(queue_leases&)` with the leases of a queue, under the lock.
  template <class Fn>
  auto with_leases(std::int64_t queue, Fn&& use) {
    const std::lock_guard lock{guard_};
    return use(leases_[queue]);
  }

private:
  friend class membership;

  using bells = std::vector<std::shared_ptr<bell>>;

  void leave(const membership& leaving);
  [[nodiscard]] bells bells_at(const std::string& source, const membership* but) const;

  mutable std::mutex guard_;
  std::map<std::int64_t, std::int64_t> ends_;       // by partition id; below guard_, as all that follows
  std::multimap<std::string, membership*> members_; // by source
  std::map<std::int64_t, queue_leases> leases_;     // by partition id
  std::uint64_t joined_ = 0;                        // memberships so far
};

/// A subscription among those of its source. Owned by the subscription; its end returns every lease.
class membership {
public:
  membership(std::shared_ptr<broker> at, std::string source, std::string group, std::uint64_t epoch,
             std::function<void()> wake)
    : at_(std::move(at)),
      source_(std::move(source)),
      group_(std::move(group)),
      epoch_(epoch),
      bell_(std::make_shared<bell>(std::move(wake))) {}
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  ~membership() { at_->leave(*this); }

  /// Rises with every membership, also over restarts of the process: what an earlier one wrote has a lower epoch.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// To be called before looking for more: from now on the next publish wakes again.
  void awake() noexcept { bell_->heard(); }

  /// From now on the subscription leases messages of this queue.
  void leases_from(std::int64_t queue);

  /// Wakes the other subscriptions to the source: there may be something for them.
  void wake_others();

private:
  friend class broker;

  const std::shared_ptr<broker> at_;
  const std::string source_;
  const std::string group_;
  const std::uint64_t epoch_;
  const std::shared_ptr<bell> bell_; ///< outlives the membership while another thread is about to ring it
  std::int64_t queue_ = -1;          ///< partition id
};

/// The incarnation of the file in which the membership of that epoch began.
[[nodiscard]] constexpr std::int64_t incarnation_of(std::uint64_t epoch) noexcept {
  return static_cast<std::int64_t>(epoch >> 24U);
}

} // namespace troupe::embedded
