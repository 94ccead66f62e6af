#pragma once

#include <chrono>
#include <cstddef>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/messages/ports/store.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe::actors {

struct db_writer_config {
  store_actor to;
  /// Documents in one write to the store. More gains little on SQLite and MongoDB and costs latency.
  std::size_t batch = 500;
  /// Documents that wait while a write is under way; beyond, callers are answered `overloaded`.
  std::size_t waiting = 10'000;
  /// Writes to the store under way at once. Beside another one only a full batch goes out.
  std::size_t under_way = 1;
  /// For one write to the store.
  duration timeout = std::chrono::seconds{10};
};

/// Spawns a store that groups writes in front of another one: what arrives while a write is under way goes into the next one
/// together, or into a full one beside it. Nobody waits for a batch to fill. Each caller is answered when its own documents
/// are durable.
store_actor spawn_db_writer(const spawn_context& context, db_writer_config config);

} // namespace troupe::actors
