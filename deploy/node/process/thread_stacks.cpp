#include <troupe/deploy/node/process/thread_stacks.hpp>

#include <pthread.h>

namespace troupe::node {

void raise_thread_stacks() {
  pthread_attr_t defaults;
  if (::pthread_getattr_default_np(&defaults) != 0)
    return;
  std::size_t size = 0;
  // Where it cannot be, the stacks are as they were.
  if (::pthread_attr_getstacksize(&defaults, &size) == 0 && size < least_thread_stack
      && ::pthread_attr_setstacksize(&defaults, least_thread_stack) == 0)
    static_cast<void>(::pthread_setattr_default_np(&defaults));
  ::pthread_attr_destroy(&defaults);
}

} // namespace troupe::node
