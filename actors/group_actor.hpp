#pragma once

// The actor that carries out what policies::supervision decides. Private to actors/.

#include <functional>
#include <memory>

#include <troupe/actors/supervisor.hpp>
#include <troupe/messages/ports/type_ids.hpp>

namespace troupe::actors {

/// Asks a group to stop its children in reverse, and then to end.
struct group_stop {};

/// An incarnation of a child has ended.
struct child_ended {
  std::size_t child;
  std::uint64_t incarnation;
  caf::error reason;
};

/// The time that a child had to stop is over.
struct child_overdue {
  std::size_t child;
  std::uint64_t incarnation;
};

/// The time of a `wake` has come.
struct group_tick {};

/// Spawns the actor of a group, which starts the children at once. It ends with `normal` after `group_stop`, and with
/// `errc::intensity_exceeded` when it gave up. `on_ended` runs at its end on its own thread; the owner keeps `group` alive.
caf::actor spawn_group(const std::shared_ptr<supervised_group>& group, std::function<void(supervisor_ending)> on_ended);

} // namespace troupe::actors

CAF_BEGIN_TYPE_ID_BLOCK(troupe_actors, ::troupe::type_ids::actors)

CAF_ADD_TYPE_ID(troupe_actors, (troupe::actors::group_stop))
CAF_ADD_TYPE_ID(troupe_actors, (troupe::actors::child_ended))
CAF_ADD_TYPE_ID(troupe_actors, (troupe::actors::child_overdue))
CAF_ADD_TYPE_ID(troupe_actors, (troupe::actors::group_tick))

CAF_END_TYPE_ID_BLOCK(troupe_actors)

static_assert(caf::id_block::troupe_actors::end <= troupe::type_ids::http);

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::group_stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::child_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::child_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::actors::group_tick)
