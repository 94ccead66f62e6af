#pragma once

#include <string>
#include <string_view>

namespace troupe::host {

/// How many threads may run at once: what the control group's `cpu.max` ("QUOTA PERIOD" in microseconds, or "max PERIOD")
/// allows, rounded up, and never more than the machine has. At least one. See
/// https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
unsigned processors(std::string_view cpu_max, unsigned of_machine) noexcept;

/// The same of this process, read from the files of `/proc` and of control groups below `root`: the tightest quota of its
/// group and of those above, as far as they are mounted, of version 2 and of version 1 (`cpu.cfs_quota_us`,
/// `cpu.cfs_period_us`).
unsigned processors_below(const std::string& root, unsigned of_machine);

/// The same of this machine.
unsigned processors_here();

} // namespace troupe::host
