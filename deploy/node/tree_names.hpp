#pragma once

#include <string>
#include <string_view>

namespace troupe::node {

// Names in the supervision tree that are fixed. Names from a topology must differ from them.

inline constexpr std::string_view bridges_group = "bridges"; ///< beside the services
inline constexpr std::string_view peers_group = "peers";     ///< likewise

inline constexpr std::string_view greeter_actor_name = "greeter"; ///< within a service
inline constexpr std::string_view writer_actor_name = "store";    ///< likewise

inline std::string publisher_name(const std::string& channel) {
  return "publish-" + channel;
}

inline std::string recorder_name(const std::string& consumer) {
  return consumer + "-recorder";
}

inline std::string logger_name(const std::string& consumer) {
  return consumer + "-logger";
}

inline std::string forwarder_name(const std::string& consumer) {
  return consumer + "-forwarder";
}

inline std::string subscription_name(const std::string& consumer) {
  return consumer + "-subscription";
}

inline std::string retries_name(const std::string& consumer) {
  return consumer + "-retries";
}

} // namespace troupe::node
