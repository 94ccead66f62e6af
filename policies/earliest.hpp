#pragma once

#include <optional>

#include <troupe/messages/values/time.hpp>

namespace troupe::policies {

/// The first of several times that are still to come. What is due already waits for something that happens, not for time.
class earliest {
public:
  explicit earliest(instant now) noexcept : now_(now) {}

  void consider(const std::optional<instant>& due) noexcept {
    if (due && *due > now_ && (!found_ || *due < *found_))
      found_ = due;
  }

  [[nodiscard]] const std::optional<instant>& found() const noexcept { return found_; }

private:
  instant now_;
  std::optional<instant> found_;
};

} // namespace troupe::policies
