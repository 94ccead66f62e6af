#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace troupe::mongodb {

/// Whether whoever owns an inbox must be told that something is in it.
enum class wake : bool { not_needed, needed };

/// What the store's threads have for its actor, so that many results cost it one message. Any thread puts; the actor takes.
template <class T>
class inbox {
public:
  /// Asks for a wake when the owner has taken everything that was there before.
  [[nodiscard]] wake put(T what) {
    const std::lock_guard lock{guard_};
    waiting_.push_back(std::move(what));
    return waiting_.size() == 1 ? wake::needed : wake::not_needed;
  }

  /// Everything put since the last time, in order.
  [[nodiscard]] std::vector<T> take() {
    const std::lock_guard lock{guard_};
    return std::exchange(waiting_, {});
  }

private:
  std::mutex guard_;
  std::vector<T> waiting_;
};

} // namespace troupe::mongodb
