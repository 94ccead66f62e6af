#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <troupe/actors/contracts/service.hpp>

namespace troupe {

/// What a function is given that has effects and answers no call: a `call` on behalf of which it calls, publishes and
/// writes.
class effect_context : public call {
public:
  /// The parts live longer.
  effect_context(call_context context, const service_context& parts) : call(std::move(context)), parts_(parts) {}

  [[nodiscard]] const std::string& service() const noexcept { return parts_.service(); }
  [[nodiscard]] const observer_ptr& watcher() const noexcept { return parts_.watcher(); }

  // As of `service_context`: what the service has been registered with.

  template <class Client>
  [[nodiscard]] Client calls(std::string_view name) const {
    return parts_.calls<Client>(name);
  }
  template <class T>
  [[nodiscard]] channel_publisher<T> publishes(std::string_view channel) const {
    return parts_.publishes<T>(channel);
  }
  [[nodiscard]] document_store store(std::string_view name) const { return parts_.store(name).within(trace()); }

private:
  const service_context& parts_;
};

} // namespace troupe
