#pragma once

#include <cstdint>
#include <string>

#include <troupe/messages/ports/caf.hpp>
#include <troupe/messages/ports/source.hpp>

namespace troupe::bench {

/// Configures an actor system as the program's: as many workers as cores, and actors that are measured.
caf::actor_system_config& prepared(caf::actor_system_config& config);

/// Has the source settle everything that it has handed out, and gives up where something is left.
void settle(caf::actor_system& system, const source_actor& source);

/// The id of the n-th message, as long as a UUID.
std::string id_of(std::uint64_t number);

/// Measured messages carry that many bytes.
inline constexpr std::size_t payload_size = 200;

} // namespace troupe::bench
