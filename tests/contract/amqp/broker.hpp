#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "amqp_transport.hpp"

namespace troupe::contract {

/// Runs a command of rabbitmqctl on the broker of these tests.
inline void control(const std::string& command) {
  const auto line = told_of_broker("TROUPE_TEST_AMQP_CTL") + " " + command + " > /dev/null";
  if (std::system(line.c_str()) != 0)
    throw std::runtime_error("rabbitmqctl " + command + " failed");
}

/// Waits until something that nobody announces is so; false when it never was.
inline bool eventually(const std::function<bool()>& is_so) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

/// Waits until the link is in trouble of that kind, and returns its words; empty when it never was.
inline std::string trouble_of(const link_state_ptr& link, errc code) {
  std::string words;
  const auto is_so = [&] {
    const auto now = link->trouble();
    if (now && now->code == code)
      words = now->reason;
    return !words.empty();
  };
  static_cast<void>(eventually(is_so));
  return words;
}

inline bool works(const link_state_ptr& link) {
  return eventually([&] { return !link->trouble(); });
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
