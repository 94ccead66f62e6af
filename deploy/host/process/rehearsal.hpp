#pragma once

#include <cstddef>

#include <troupe/deploy/host/topology/plan.hpp>
#include <troupe/messages/values/error.hpp>

namespace troupe::host {

/// What a process needs at once, from its start on.
struct resident_needs {
  std::size_t threads = 0;
  std::size_t bytes = 0; ///< of address space, beside the threads' stacks
};

/// Those of a plan: libraries that are refused a thread or memory half way through their start abort, or never end.
resident_needs resident_needs_of(const process_plan& plan, unsigned processors) noexcept;

/// Takes all of it, and gives it back. Fails with `invalid` where the system does not give so much, naming the limits.
expected<void> rehearse(const resident_needs& needs);

} // namespace troupe::host
