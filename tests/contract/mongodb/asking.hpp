#pragma once

#include <chrono>
#include <vector>

#include "mongodb_peer.hpp"

namespace troupe::contract {

inline document greeting_document(std::string id, std::string body = R"({"message":"Hello"})") {
  return {"service-a", "greetings", std::move(id), std::move(body)};
}

/// What a store answers to a write.
inline expected<std::vector<written_document>> ask_to_write(mongodb_peer& peer, std::vector<document> documents) {
  caf::scoped_actor self{peer.system()};
  expected<std::vector<written_document>> result{failure{}};
  self->request(peer.store(), std::chrono::seconds{30}, write_documents{std::move(documents)})
    .receive([&](written& done) { result = std::move(done.each); },
             [&](const caf::error& why) { result = to_failure(why); });
  return result;
}

/// Waits until the link works; false when it does not in time.
inline bool works(const link_state_ptr& link) {
  return link->wait_for(std::chrono::seconds{20}, [](const auto& trouble) { return !trouble; });
}

/// Waits until it is in trouble.
inline bool fails(const link_state_ptr& link) {
  return link->wait_for(std::chrono::seconds{20}, [](const auto& trouble) { return trouble.has_value(); });
}

} // namespace troupe::contract
