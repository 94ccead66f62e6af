#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/store.hpp>

namespace troupe::contract {

/// What the suite wants of a store: an empty one at first, and a way to look into it that is not the port's.
class store_peer {
public:
  virtual ~store_peer() = default;

  virtual caf::actor_system& system() = 0;
  virtual store_actor store() = 0;

  /// The document with the id, database and collection of `like`.
  virtual std::optional<document> find(const document& like) = 0;
  virtual std::int64_t count(const std::string& database, const std::string& collection) = 0;

  /// Ends the store's process as far as a test can, without asking anybody, and begins a new one.
  virtual void restart() = 0;
};

} // namespace troupe::contract
