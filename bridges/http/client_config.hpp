#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <troupe/bridges/http/config.hpp>
#include <troupe/messages/values/tls_files.hpp>

namespace troupe::http {

class client_inbox;

/// Of a client of another process over HTTP.
struct client_config {
  std::shared_ptr<client_inbox> via; ///< of the process's `client_engine`
  std::string name;                  ///< of the service, as in the topology
  std::string target;                ///< as `parse_client_target` reads it
  tls_files tls;                     ///< for https
  client_limits bounds;
  client_timeouts patience;
  /// For a call that came without a deadline.
  duration default_deadline = std::chrono::seconds{5};
};

/// Each mistake in words; none when the configuration can be used.
std::vector<std::string> validate(const client_config& config);

} // namespace troupe::http
