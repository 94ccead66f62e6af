#include <troupe/actors/runtime/spawning.hpp>

#include <exception>
#include <string>

#include <troupe/messages/ports/types.hpp>

namespace troupe {

caf::error exception_to_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& problem) {
    return to_error({errc::actor_failed, std::string{"an exception escaped a handler: "} + problem.what()});
  } catch (...) {
    return to_error({errc::actor_failed, "something that is no std::exception escaped a handler"});
  }
}

} // namespace troupe
