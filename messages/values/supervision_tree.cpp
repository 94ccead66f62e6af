#include <troupe/messages/values/supervision_tree.hpp>

namespace troupe {

std::string_view to_string(child_state state) noexcept {
  switch (state) {
    case child_state::waiting:
      return "waiting";
    case child_state::running:
      return "running";
    case child_state::restarting:
      return "restarting";
    case child_state::stopping:
      return "stopping";
    case child_state::stopped:
      return "stopped";
    case child_state::failed:
      return "failed";
    case child_state::abandoned:
      return "abandoned";
  }
  return "abandoned";
}

} // namespace troupe
