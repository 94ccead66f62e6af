#include <troupe/deploy/host/process/memory.hpp>

#include <pthread.h>

// jemalloc(3). Weak, because a build with a sanitizer has another allocator.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                     std::size_t new_size);

namespace troupe::host {

void give_back_idle_memory() noexcept {
  // The work of jemalloc's own background threads. They would be two more, and where the system has no thread left, jemalloc
  // says so on standard error.
  constexpr const char* of_all_arenas = "arena.4096.decay"; // MALLCTL_ARENAS_ALL
  if (mallctl != nullptr)
    static_cast<void>(mallctl(of_all_arenas, nullptr, nullptr, nullptr, 0));
}

void raise_thread_stacks() {
  pthread_attr_t defaults;
  if (::pthread_getattr_default_np(&defaults) != 0)
    return;
  std::size_t size = 0;
  // On failure stacks keep their size.
  if (::pthread_attr_getstacksize(&defaults, &size) == 0 && size < least_thread_stack
      && ::pthread_attr_setstacksize(&defaults, least_thread_stack) == 0)
    static_cast<void>(::pthread_setattr_default_np(&defaults));
  ::pthread_attr_destroy(&defaults);
}

} // namespace troupe::host
