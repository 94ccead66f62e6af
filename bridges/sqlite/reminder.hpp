#pragma once

#include <chrono>
#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::sqlite {

/// Decides when a lasting condition is logged: at once, and then once a minute.
class reminder {
public:
  [[nodiscard]] bool due(instant now) noexcept {
    if (last_ && now - *last_ < std::chrono::minutes{1})
      return false;
    last_ = now;
    return true;
  }

  /// The condition is over. Returns whether it was logged.
  bool over() noexcept {
    const bool said = last_.has_value();
    last_.reset();
    return said;
  }

private:
  std::optional<instant> last_;
};

} // namespace troupe::sqlite
