#pragma once

#include <cstddef>

namespace troupe::host {

/// Gives memory that was freed some time ago back to the system. jemalloc itself does so only while a thread that used the
/// memory goes on allocating, so that an idle process would keep all of it after a burst. Call it about once a second. Any
/// thread; does nothing with another allocator.
void give_back_idle_memory() noexcept;

/// The smallest stack of a thread. The library of AMQP reads nested values of headers, which any client may publish, by
/// recursion, bounded only by the size of a frame: 26,200 levels in 128 KiB, for which it takes 3 MiB of stack. The default
/// of Linux is enough; `ulimit -s unlimited` gives 2 MiB.
inline constexpr std::size_t least_thread_stack = std::size_t{8} << 20U;

/// Gives at least that to every thread that is started later, whatever `ulimit -s` says. Only the used part of a stack takes
/// memory.
void raise_thread_stacks();

} // namespace troupe::host
