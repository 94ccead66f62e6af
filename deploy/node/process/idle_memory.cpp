#include <troupe/deploy/node/process/idle_memory.hpp>

#include <cstddef>

// jemalloc(3). Weak, because a build with a sanitizer has another allocator.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, std::size_t* old_size, void* new_value,
                                     std::size_t new_size);

namespace troupe::node {

void give_back_idle_memory() noexcept {
  // What jemalloc's own background threads do. They would be two more, and where the system has no thread left, jemalloc
  // says so on standard error.
  constexpr const char* of_all_arenas = "arena.4096.decay"; // MALLCTL_ARENAS_ALL
  if (mallctl != nullptr)
    static_cast<void>(mallctl(of_all_arenas, nullptr, nullptr, nullptr, 0));
}

} // namespace troupe::node
