#pragma once

#include <string>
#include <string_view>

#include <troupe/deploy/host/topology/topology.hpp>

namespace troupe::host {

// Names in the supervision tree that are fixed. Names from a topology must differ from them.

inline constexpr std::string_view bridges_group = "bridges"; ///< beside the services
inline constexpr std::string_view peers_group = "peers";     ///< likewise

inline constexpr std::string_view store_actor_name = "store";  ///< of the data folder's documents, among bridges
inline constexpr std::string_view writer_actor_name = "store"; ///< within a service

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

inline std::string handler_name(const std::string& consumer) {
  return consumer + "-handler";
}

/// Of what gives the consumer's deliveries their effect.
inline std::string effect_name(const consumer_topology& consumer) {
  const auto name = consumer.name.value_or("");
  if (consumer.code)
    return handler_name(name);
  return consumer.store ? recorder_name(name) : consumer.into ? forwarder_name(name) : logger_name(name);
}

inline std::string subscription_name(const std::string& consumer) {
  return consumer + "-subscription";
}

inline std::string retries_name(const std::string& consumer) {
  return consumer + "-retries";
}

} // namespace troupe::host
