#pragma once

namespace troupe::node {

/// Lets the process open as many files and connections as the system allows it. Shells and unit files begin with a soft
/// limit of 1024 for the sake of programs that use select(2), which this one does not; see `man systemd.exec`, LimitNOFILE.
void raise_descriptor_limit() noexcept;

} // namespace troupe::node
