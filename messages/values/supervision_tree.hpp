#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Where a supervised child stands.
enum class child_state : std::uint8_t {
  waiting, ///< not started yet
  running,
  restarting, ///< ended; a new incarnation starts after its backoff
  stopping,
  stopped,   ///< ended in order, or need not be restarted
  failed,    ///< restarted too often; tried again later
  abandoned, ///< did not stop in its time
};

std::string_view to_string(child_state state) noexcept;

/// One supervisor or actor with everything below it, at one moment.
struct supervision_tree {
  std::string name;
  child_state state = child_state::waiting;
  bool supervises = false;       ///< a supervisor, as opposed to an actor that works
  std::uint64_t incarnation = 0; ///< 1 for the first start
  std::uint64_t restarts = 0;
  std::uint64_t mailbox = 0; ///< messages waiting, those stashed during a restart included
  std::string last_error;    ///< of the last abnormal end; empty: none
  std::string held_up_by;    ///< what its deliveries have not gone on for, for long; empty: nothing
  timestamp since;           ///< of the last change of state
  std::vector<supervision_tree> children;

  friend bool operator==(const supervision_tree&, const supervision_tree&) = default;
};

} // namespace troupe
