#pragma once

#include <thread>
#include <vector>

#include "mongodb_peer.hpp"

namespace troupe::contract {

inline document greeting_document(std::string id, std::string body = R"({"message":"Hello"})") {
  return {"service-a", "greetings", std::move(id), std::move(body)};
}

/// What a store answers to a write.
inline expected<std::vector<written_document>> ask_to_write(mongodb_peer& peer, std::vector<document> what) {
  caf::scoped_actor self{peer.system()};
  expected<std::vector<written_document>> result{failure{}};
  self->request(peer.store(), std::chrono::seconds{30}, write_documents{std::move(what)})
    .receive([&](written& done) { result = std::move(done.each); },
             [&](const caf::error& why) { result = to_failure(why); });
  return result;
}

/// Waits until the condition holds; false when it does not in time.
template <class Condition>
bool eventually(Condition&& holds, std::chrono::seconds within = std::chrono::seconds{20}) {
  for (const auto until = std::chrono::steady_clock::now() + within; !holds();) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20}); // what is watched tells nobody
  }
  return true;
}

} // namespace troupe::contract
