#pragma once

#include <cstdint>

#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Asks a source to bring in no more work and to finish what is under way.
struct drain {
  duration at_most{};
};

/// The answer to `drain`.
struct drained {
  std::uint64_t unfinished = 0; ///< deliveries or messages that stay unsettled
};

} // namespace troupe
