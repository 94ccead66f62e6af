#pragma once

#include <cstddef>

namespace troupe::node {

/// What every thread has at least. The library of AMQP reads nested values of headers, which anybody may publish, by
/// recursion, and has no bound but that of a frame: 26,200 levels in 128 KiB, for which it takes 3 MiB of stack. What Linux
/// gives by default is enough; `ulimit -s unlimited` gives 2 MiB.
inline constexpr std::size_t least_thread_stack = std::size_t{8} << 20U;

/// Gives the threads that are made from now on at least that, whatever `ulimit -s` says. Only what a thread uses of it costs
/// memory.
void raise_thread_stacks();

} // namespace troupe::node
