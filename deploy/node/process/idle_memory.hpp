#pragma once

namespace troupe::node {

/// Gives memory back to the system that was freed long enough ago. jemalloc does so only while a thread that has used the
/// memory goes on allocating: after a burst all of it would stay with a process that is idle. To be called about once a
/// second. Any thread; does nothing with another allocator.
void give_back_idle_memory() noexcept;

} // namespace troupe::node
