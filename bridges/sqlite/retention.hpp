#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/sqlite/database.hpp>

namespace troupe::sqlite {

/// The result of one step of retention.
struct removal {
  std::int64_t count = 0;
  bool more = false; ///< the next step may find more at once
  /// Of these, by consumer group, what it had not settled.
  std::map<std::string, std::int64_t> unread{};
};

struct retention_work {
  duration every; ///< from the end of the last step to the first of the next round
  /// One step: removes a bounded number of what is over. In a write, on the database's thread.
  std::function<expected<removal>(connection&, timestamp now)> remove;
  /// Takes what a committed step has removed, on the actor.
  std::function<void(const removal&)> removed;
};

/// Spawns an actor that removes step by step, so that other writes come in between: at once, while a step leaves more, and
/// then after `every`. A step that fails is repeated in its time. It does not keep the database open; the caller ends it.
caf::actor spawn_retention(const spawn_context& context, const database_ptr& database, retention_work work);

} // namespace troupe::sqlite
