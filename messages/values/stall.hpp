#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/time.hpp>

namespace troupe {

/// Which step keeps a delivery or message from going on.
enum class stall_reason : std::uint8_t {
  handler,     ///< its handler fails, pauses or does not answer: what it writes to is away, full or refuses
  dead_letter, ///< it cannot be set aside
  retry,       ///< it cannot be moved to where it waits for its retry
  settlement,  ///< what became of it cannot be committed or written down
  publish,     ///< where it is published to does not take it
  transaction, ///< it is behind a transaction that its producer has not ended
  client,      ///< the thread that consumes does not come back from its client library
};

inline constexpr std::array all_stall_reasons{stall_reason::handler,    stall_reason::dead_letter, stall_reason::retry,
                                              stall_reason::settlement, stall_reason::publish,     stall_reason::transaction,
                                              stall_reason::client};

/// The reason's name, as it stands in metrics. Never reworded: operators match on it.
std::string_view to_string(stall_reason reason) noexcept;

/// That something does not go on.
struct stall {
  stall_reason reason = stall_reason::handler;
  failure why{errc::none, {}}; ///< the latest; `errc::none`: there is no answer yet
  instant since;

  friend bool operator==(const stall&, const stall&) = default;
};

/// Stalls, the longest of each reason.
using stall_list = std::vector<stall>;

void note(stall_list& in, stall added);
void note(stall_list& in, const stall_list& stalls);

/// A stall shorter than that is the ordinary course of retries.
inline constexpr std::chrono::seconds shortest_stall{30};

/// What stands still and why, for people: "its dead letter is not taken: forbidden: ...".
std::string describe(const stall& found);

/// What an operator can do about it, as a whole sentence.
std::string_view remedy(const stall& found) noexcept;

} // namespace troupe
