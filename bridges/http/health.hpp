#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::http {

/// One thing that was looked at.
struct health_check {
  enum class standing : std::uint8_t {
    passing,
    degraded, ///< reported, but not decisive: a downstream greeter, a breaker
    failing,
  };

  std::string name;
  standing stands = standing::passing;
  std::string detail; ///< for people; may be empty
};

/// Whether a process lives, or is ready: when none of its checks is failing.
struct health_report {
  std::vector<health_check> checks;

  [[nodiscard]] bool passing() const noexcept {
    for (const auto& check : checks)
      if (check.stands == health_check::standing::failing)
        return false;
    return true;
  }
};

/// {"status":"passing","checks":[{"name":...,"status":...,"detail":...}]}
std::string to_json(const health_report& report);

} // namespace troupe::http
