#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <troupe/bridges/aws/codec.hpp>
#include <troupe/bridges/aws/config.hpp>
#include <troupe/messages/values/observer.hpp>

namespace troupe::aws {

/// Sends a request and waits for its answer, as `transport::exchange` does.
using exchange = std::function<expected<http_response>(const request& outgoing, instant until)>;

/// Keeps credentials and renews them before they are over. One thread.
class credential_keeper {
public:
  /// Logs where credentials were found, as `who`, which must outlive it.
  credential_keeper(const config& settings, exchange ask, observer_ptr watcher, speaker who);

  /// Credentials that are not over. Those that soon will be are renewed; where that fails they serve for as long as they
  /// last. Fails as `choose_provider`, STS or the endpoint does.
  expected<credentials> get(instant until);

  /// What it has was refused: the next `get` looks for others.
  void drop() noexcept { kept_.reset(); }

private:
  expected<credentials> look(instant until);
  expected<credentials> from(const known_keys& known, instant until) const;
  expected<credentials> from(const web_identity& who, instant until) const;
  expected<credentials> from(const container_endpoint& endpoint, instant until) const;
  [[nodiscard]] bool last(std::chrono::nanoseconds at_least) const;

  const config& config_;
  exchange ask_;
  observer_ptr watcher_;
  speaker who_;
  counter& renewals_;
  std::optional<credentials> kept_;
  std::string found_in_; // where they were found, as the log has it
};

} // namespace troupe::aws
