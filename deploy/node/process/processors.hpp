#pragma once

#include <string_view>

namespace troupe::node {

/// How many threads may run at once: what the control group's `cpu.max` ("QUOTA PERIOD" in microseconds, or "max PERIOD")
/// allows, rounded up, and never more than the machine has. At least one. See
/// https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
unsigned processors(std::string_view cpu_max, unsigned of_machine) noexcept;

/// The same of this process, read from the system.
unsigned processors_here();

} // namespace troupe::node
