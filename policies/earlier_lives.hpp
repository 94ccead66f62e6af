#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <troupe/messages/values/time.hpp>
#include <troupe/policies/crash_suspicion.hpp>

namespace troupe::policies {

/// What a delivery brings along of its past.
struct past_life {
  attempt_count count;
  bool suspect = false; ///< it may have ended a process, without having been counted for it
  std::optional<timestamp> first_failure;
  std::optional<instant> due; ///< it waited until then for a retry
};

/// Crash suspicion where a broker counts deliveries: separates the returns for which a lost connection is to blame from
/// those that ended a process, which the broker counts alike. What this process had in hand when it lost a session did not
/// end it. Bounded; what is forgotten is judged by the broker's count, of which the first one proves nothing: it is shared
/// with everything that was in the same hands. A value: one thread at a time.
class earlier_lives {
public:
  /// By what a delivery is known again. Of several that share a name one may be taken for another, so that this says how
  /// often they were tried, and nothing by which one could be lost.
  struct name {
    std::string text;
    enum class reach : std::uint8_t { unique, shared } of = reach::shared;
  };

  /// Its session is lost, and it goes back to its queue. `delivery_count` is what the broker said when it came.
  void given_back(const name& known_by, std::uint32_t delivery_count, past_life life);

  /// What is known of a delivery that has come. `noted`: what came along with it.
  enum class delivered : std::uint8_t { first, again };
  [[nodiscard]] past_life recall(const std::string& known_by, std::uint32_t delivery_count, delivered how,
                                 const std::optional<past_life>& noted);

private:
  static constexpr std::size_t most_kept = 20'000;

  struct memory {
    std::uint32_t count_then = 0; ///< the broker's, if nobody else had it meanwhile
    past_life life;
  };

  std::unordered_multimap<std::string, memory> kept_;
};

} // namespace troupe::policies
