#pragma once

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "amqp_transport.hpp"

namespace troupe::contract {

/// Runs a command of rabbitmqctl on the broker of these tests.
inline void control(const std::string& command) {
  const auto line = server_variable("TROUPE_TEST_AMQP_CTL") + " " + command + " > /dev/null";
  if (std::system(line.c_str()) != 0)
    throw std::runtime_error("rabbitmqctl " + command + " failed");
}

/// Waits until the link is in trouble of that kind, and returns its words; empty when it never was.
inline std::string trouble_of(const link_state_ptr& link, errc code) {
  std::string words;
  static_cast<void>(link->wait_for(std::chrono::seconds{20}, [&](const std::optional<failure>& now) {
    if (now && now->code == code)
      words = now->reason;
    return !words.empty();
  }));
  return words;
}

inline bool works(const link_state_ptr& link) {
  return link->wait_for(std::chrono::seconds{20}, [](const auto& trouble) { return !trouble; });
}

inline message numbered(std::size_t number) {
  message made;
  made.id = "message-" + std::to_string(number);
  made.payload = "payload of " + made.id;
  return made;
}

inline std::vector<message> numbered_up_to(std::size_t count) {
  std::vector<message> made;
  for (std::size_t i = 0; i < count; ++i)
    made.push_back(numbered(i));
  return made;
}

inline std::set<std::string> ids_up_to(std::size_t count) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.insert(numbered(i).id);
  return ids;
}

} // namespace troupe::contract
