#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <troupe/messages/values/error.hpp>

namespace troupe {

/// Whether a bridge reaches the peer it was made for: told by the bridge, read by whoever reports health. Any thread.
class link_state {
public:
  void works() {
    const std::lock_guard lock{guard_};
    trouble_.reset();
  }

  void fails(failure why) {
    const std::lock_guard lock{guard_};
    trouble_ = std::move(why);
  }

  /// Why it does not; nothing while it does.
  [[nodiscard]] std::optional<failure> trouble() const {
    const std::lock_guard lock{guard_};
    return trouble_;
  }

private:
  mutable std::mutex guard_;
  std::optional<failure> trouble_ = failure{errc::unavailable, "not connected yet"};
};

using link_state_ptr = std::shared_ptr<link_state>;

} // namespace troupe
