#pragma once

#include <string>
#include <utility>

#include <troupe/actors/contracts/service.hpp>

namespace troupe {

/// What a function is given that has effects and answers no call: a `call` on behalf of which it calls, publishes and
/// writes. What it uses for that are its further parameters.
class effect_context : public call {
public:
  /// The parts live longer.
  effect_context(call_context context, const service_context& parts) : call(std::move(context)), parts_(parts) {}

  [[nodiscard]] const std::string& service() const noexcept { return parts_.service(); }
  [[nodiscard]] const observer_ptr& watcher() const noexcept { return parts_.watcher(); }

private:
  const service_context& parts_;
};

} // namespace troupe
